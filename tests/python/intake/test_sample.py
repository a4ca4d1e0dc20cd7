"""The sample of a load: what frame and answers say of every firm, and the weights of those who answered."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
import yaml
from support import intake_project

from smv_ai.errors import BadInputError
from smv_ai.intake import command, loading, sample, store
from smv_ai.intake.frame import FrameRows
from smv_ai.survey.description import Trim
from smv_ai.survey.dispositions import loaded_rows
from smv_ai.survey.file.model import NonResponse, SurveyFile
from smv_ai.survey.trimming import CannotTrim, trimmed_weights

WAVE = "quay_2026"
DISPOSITION = """\
  disposition: {{column: outcome, refusal: [nej tak, 7], not_eligible: [lukket], no_contact: 2.2}}
"""
SURVEY_FILE = """\
survey: {{id: quay, label: Kajen}}
questions: {{trust: {{label: Tillid, options: {{1: Ja, 2: Nej}}, missing: {{dont_know: Ved ikke}}}}}}
source:
  answers: {answers}
  respondent: firm
  respondent_ids: as_they_are
  valid: {{state: done}}
frame:
  file: {frame}
  key: firm
  stratum: stratum
  population: firms
{disposition}  columns: [trade, size]
"""
# firm, stratum, firms, outcome, trade, size; and its answer (state, trust) where it has a row in the export
FIRMS = [
    ("A1", "a", "100", "complete", "fish", "small", "done", "Ja"),
    ("A2", "a", "100", "complete", "fish", "small", "done", "Ved ikke"),
    ("A3", "a", "100", "nej tak", "fish", "large", None, None),
    ("A4", "a", "100", "2.2", "freight", "large", None, None),
    ("A5", "a", "100", "", "freight", "small", None, None),
    ("B1", "b", "40", "complete", "freight", "large", "done", "Nej"),
    ("B2", "b", "40", "partial", "freight", "small", "begun", "Nej"),
    ("B3", "b", "40", "lukket", "fish", "small", None, None),
    ("B4", "b", "40", "1.1", "fish", "large", "done", "Ja"),
    ("B5", "b", "40", "3.1", "fish", "large", None, None),
]
FRAME_HEAD = ["firm", "stratum", "firms", "outcome", "trade", "size"]
Rows = list[list[str]]


def text_of(rows: Rows) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\n").writerows(rows)
    return text.getvalue()


def frame_rows() -> Rows:
    return [list(FRAME_HEAD), *[list(firm[:6]) for firm in FIRMS]]


def answer_rows() -> Rows:
    return [["firm", "state", "trust"], *[[firm[0], firm[6], firm[7]] for firm in FIRMS if firm[6] is not None]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return intake_project.new_project(tmp_path / "project")


def written(
    project: Path, frame: Rows | None = None, answers: Rows | None = None, more: str = "", old: str = "", new: str = ""
) -> Path:
    (project / "frame.csv").write_text(text_of(frame or frame_rows()), encoding="utf-8")
    (project / "answers.csv").write_text(text_of(answers or answer_rows()), encoding="utf-8")
    text = SURVEY_FILE.format(answers="answers.csv", frame="frame.csv", disposition=DISPOSITION.format()) + more
    assert old in text
    (project / "surveys" / f"{WAVE}.yml").write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return project


def prepared(project: Path) -> loading.Prepared:
    return intake_project.prepared(project, wave=WAVE)


def load(project: Path) -> store.Load:
    return intake_project.load(project, wave=WAVE)


def rates_in_place(project: Path) -> dict[str | None, dict[str, object]]:
    """What the build reads of the sample, by stratum."""
    return {row["stratum_id"]: row for row in loaded_rows(project / "responses", {WAVE: "quay"})}


def counts(row: dict[str, object]) -> dict[str, float]:
    found = {name.removesuffix("_count"): value for name, value in row.items() if name.endswith("_count")}
    return {name: float(str(value)) for name, value in found.items() if value}


def test_every_sampled_firm_is_counted_and_only_answers_are_loaded(project: Path):
    found = load(written(project))
    rows = intake_project.responses(project, "quay", WAVE)
    assert [row["respondent_id"] for row in rows] == ["A1", "A2", "B1", "B4"]
    assert [row["design_weight"] for row in rows] == [50, 50, 20, 20]
    rates = rates_in_place(project)
    assert counts(rates["a"]) == {
        "sampled": 5, "complete": 2, "refusal": 1, "no_contact": 1, "unknown_eligibility": 1,
    }  # fmt: skip
    assert counts(rates["b"]) == {
        "sampled": 5, "complete": 2, "partial": 1, "unknown_eligibility": 1, "not_eligible": 1,
    }  # fmt: skip
    # stratum b: e = 3 of 4 that are known; RR1 2 / (3 + 1), RR4 3 / (3 + 0.75)
    assert (rates["b"]["eligible_share"], rates["b"]["response_rate_1"]) == (0.75, 50)
    assert rates["b"]["response_rate_4"] == pytest.approx(80)
    assert rates[None]["response_rate_2"] == pytest.approx(100 * 5 / 9)
    assert "sampled firms that are not eligible: 1; the weights" in command.preview(prepared(project))
    said = found.said["sample"]
    assert said["without_answer"] == 6 and said["rates"][-1]["sampled_count"] == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[4].__setitem__(0, ""), r"frame\.csv: row 5: firm is empty; each firm has a key"),
        (lambda rows: rows[4].__setitem__(0, "A1"), r"'A1' stands twice in firm, in rows 2, 5; keep one row"),
        (lambda rows: rows[4].__setitem__(1, ""), r"row 5: stratum is empty; write the stratum"),
        (lambda rows: rows[4].__setitem__(2, ""), r"row 5: stratum 'a' has no population size \(firms is empty\)"),
        (lambda rows: rows[4].__setitem__(2, "mange"), r"'mange' in firms of A4 is no number above 0 \(row 5\)"),
        (lambda rows: rows[4].__setitem__(2, "101"), r"rows 2, 5: stratum 'a' has 100 firms in one row and 101 in"),
        (lambda rows: [row.__setitem__(2, "4") for row in rows[6:]], r"row 7: stratum 'b' has 4 firms .* and 5 rows"),
        (lambda rows: rows[4].__setitem__(3, "sur"), r"row 5: 'sur' in outcome is no disposition; say in surveys/"
         r"quay_2026\.yml, line 13, frame\.disposition, which of complete, .*\(such as not_eligible: sur\)"),
        (lambda rows: rows[0].__setitem__(3, "udfald"), r"has no column 'outcome' .*quay_2026\.yml, line 13\."),
        (lambda rows: rows[4].append("x"), r"row 5 has 7 cells"),
    ],
)  # fmt: skip
def test_a_frame_that_cannot_be_joined_is_named_with_its_row(change, message: str, project: Path):
    rows = frame_rows()
    change(rows)
    with pytest.raises(BadInputError, match=message):
        prepared(written(project, rows))


def test_blank_rows_of_the_frame_and_keys_as_a_workbook_writes_them_do_not_matter(project: Path):
    rows = [[*row] for row in frame_rows()]
    answers = [[*row] for row in answer_rows()]
    for row in [*rows[1:], *answers[1:]]:
        row[0] = {"A": "1", "B": "2"}[row[0][0]] + row[0][1]
    for row in rows[1:]:
        row[0] += ".0"
    found = prepared(written(project, [*rows, [""] * 6], answers))
    assert found.counts["loaded"] == 4 and found.sample is not None
    assert Counter(found.sample.final.values())["complete"] == 4


def test_where_frame_and_answers_differ_the_loaded_answer_counts_and_it_is_said(project: Path):
    rows, answers = frame_rows(), answer_rows()
    rows[3][3] = "complete"  # A3 has no row in the export
    rows[1][3] = "7"  # A1 refused, and answered
    answers[2][2] = "Måske"  # A2 cannot be read
    found = prepared(written(project, rows, answers))
    assert found.sample is not None
    final = found.sample.final
    assert (final["A1"], final["A2"], final["A3"]) == ("complete", "other", "other")
    assert found.sample.differs == {("refusal", "complete"): 1, ("complete", "other"): 2}
    said = command.preview(found)
    assert "the frame says complete, counted as other: 2" in said and "the frame says refusal, counted as com" in said


def test_without_dispositions_an_answer_is_complete_and_all_else_is_unknown(project: Path):
    answers = [*answer_rows(), ["A5", "done", "Måske"]]
    found = prepared(written(project, answers=answers, old=DISPOSITION.format()))
    assert found.sample is not None
    assert Counter(found.sample.final.values()) == {
        "complete": 4, "partial": 1, "other": 1, "unknown_eligibility": 4,
    }  # fmt: skip


def test_an_answer_of_a_firm_that_is_not_eligible_is_kept_apart(project: Path):
    load_of = prepared(written(project, answers=[*answer_rows(), ["B3", "done", "Ja"], ["X9", "done", "Ja"]]))
    assert load_of.counts["quarantined"] == {"respondent_in_frame": 1, "respondent_eligible": 1}
    messages = {found.value: found.message(1) for found in load_of.canonical.findings}
    assert "B3 is not eligible by the frame" in messages["B3"] and "X9 is not in the frame" in messages["X9"]
    assert load_of.sample is not None and load_of.sample.final["B3"] == "not_eligible"


def test_rows_of_invited_firms_that_answered_nothing_are_set_aside(project: Path):
    answers = [*answer_rows(), ["A3", "done", ""], ["A4", "done", ""]]
    found = prepared(written(project, answers=answers))
    assert found.counts["set_aside"] == {"partial": 1, "nonresponse": 2} and found.counts["loaded"] == 4
    # A2 says don't know, which is an answer
    assert found.sample is not None and found.sample.final["A2"] == "complete"


def test_the_counts_of_the_sample_come_and_go_with_the_responses(project: Path):
    load(written(project))
    first = rates_in_place(project)
    rows = frame_rows()
    rows[4][3] = "nej tak"
    load(written(project, rows))
    assert counts(rates_in_place(project)["a"])["refusal"] == 2
    store.take_back(project, "quay", WAVE)
    assert rates_in_place(project) == first
    store.take_back(project, "quay", WAVE)
    assert rates_in_place(project) == {}


def test_counts_that_are_damaged_are_named(project: Path):
    load(written(project))
    place = store.responses_file(project, "quay", WAVE)
    table = parquet.read_table(place)
    parquet.write_table(table.replace_schema_metadata({b"smv_ai.sample": b"[1]"}), place)
    with pytest.raises(BadInputError, match=r"responses\.parquet: the counts of the sample in it cannot be read"):
        rates_in_place(project)
    place.write_bytes(b"PAR1")  # which the check of the responses names
    assert rates_in_place(project) == {}


# --- weights


def test_classes_of_non_response_worked_out_by_hand(project: Path):
    """Base weights 20 and 8. Fish: A1, A2 and B4 answered (48), A3 refused (20), B5 is unknown (8) and B3 is not
    eligible (8), so that e = 68/76. Freight: B1 answered (8), A4 and B2 did not (28), A5 is unknown (20).
    """
    more = "non_response: {classes: trade, at_least: 1}\n"
    load(written(project, more=more))
    weights = {row["respondent_id"]: row["design_weight"] for row in intake_project.responses(project, "quay", WAVE)}
    fish, freight = (68 + 68 / 76 * 8) / 48, (8 + 28 + 20) / 8
    assert weights == pytest.approx({"A1": 20 * fish, "A2": 20 * fish, "B4": 8 * fish, "B1": 8 * freight})
    # e as the survey states it
    load(written(project, more=more + "eligible_share: 0.5\n"))
    weights = {row["respondent_id"]: row["design_weight"] for row in intake_project.responses(project, "quay", WAVE)}
    assert weights["A1"] == pytest.approx(20 * (68 + 4) / 48) and weights["B1"] == pytest.approx(8 + 28 + 10)
    assert rates_in_place(project)["b"]["eligible_share"] == 0.5


def test_a_class_that_is_too_small_is_refused_or_merged_as_stated(project: Path):
    more = "non_response: {{classes: [trade, size], at_least: 2{}}}\n"
    found = prepared(written(project, more=more.format("")))
    assert "rows: 5 = 4 loaded" in command.preview(found)  # what was understood is shown all the same
    message = (
        r"surveys/quay_2026\.yml, line 15, non_response: classes with fewer than 2 answers: fish × large \(1\), freight"
        r" × large \(1\), freight × small \(0\); name under merge the columns that may be given up \(trade, size\), or"
    )
    with pytest.raises(BadInputError, match=message):
        loading.check_loadable(found, accept_quarantined=False)
    with pytest.raises(
        BadInputError, match=r"answers: freight \(1\); name under merge .* \(trade\), or lower at_least"
    ):
        load(written(project, more=more.format(", merge: size")))
    found = load(written(project, more=more.format(", merge: [size, trade]")))
    [one] = found.said["sample"]["non_response_classes"]
    assert (one["name"], one["answered"], one["sampled"]) == ("all firms", 4, 10)


def test_merging_gives_up_one_column_after_the_other():
    said = NonResponse(classes=["trade", "region", "size"], at_least=3, merge=["size", "region"])
    cells = {
        str(number): cell
        for number, cell in enumerate(
            [("x", "n", "s"), ("x", "n", "l"), ("x", "s", "s"), ("y", "n", "s"), ("y", "n", "l"), ("y", "s", "l")]
        )
    }
    answers = Counter({("x", "n", "s"): 5, ("x", "n", "l"): 2, ("x", "s", "s"): 4, ("y", "n", "s"): 1,
                       ("y", "n", "l"): 1, ("y", "s", "l"): 1})  # fmt: skip
    found, told = sample.merged_classes(cells, answers, said, "here")
    assert {sample.shown(label) for label in found.values()} == {"x × n", "x × s × s", "y"}
    assert "x × n × l -> x × n" in told
    small = NonResponse(classes=["trade", "region", "size"], at_least=4, merge=["size", "region"])
    with pytest.raises(BadInputError, match=r"here: classes with fewer than 4 answers: y \(3\); name under merge"):
        sample.merged_classes(cells, answers, small, "here")


def test_a_class_needs_a_value_of_every_firm(project: Path):
    rows = frame_rows()
    rows[5][4] = ""
    found = prepared(written(project, rows, more="non_response: {classes: trade, at_least: 1}\n"))
    with pytest.raises(BadInputError, match=r"frame\.csv: row 6: trade of A5 is empty, and makes the classes"):
        loading.check_loadable(found, accept_quarantined=False)


def test_how_unequal_weights_are():
    """Weights 1, 1, 2, 4: sum 8, squares 22, so Kish's effect is 4 · 22 / 64."""
    found = sample.diagnostics(np.array([1.0, 1.0, 2.0, 4.0]), ["a", "b", "a", "c"])
    assert found["kish_effect"] == pytest.approx(1.375) and found["effective_answers"] == pytest.approx(4 / 1.375)
    assert (found["least"], found["largest_weight"], found["sum"]) == (1, 4, 8)
    assert found["largest"][0] == {"weight": 4, "answers": 1, "strata": ["c"], "share": 0.5}
    assert found["largest"][2] == {"weight": 1, "answers": 2, "strata": ["a", "b"], "share": 0.25}


def test_the_load_tells_the_weights_also_as_they_are_trimmed(project: Path):
    found = load(written(project, more="trim: {upper: 40}\n"))
    # two of 50 give 20 to the two of 20
    assert found.said["weights"]["largest_weight"] == 50 and found.said["weights_trimmed"]["largest_weight"] == 40
    assert found.said["weights_trimmed"]["least"] == 30
    said = command.preview(prepared(project))
    assert "weights: 20 to 50, sum 140; Kish effect 1.184" in said and "weights after trimming: 30 to 40" in said
    with pytest.raises(CannotTrim):
        trimmed_weights(np.array([50.0, 60.0]), Trim(None, 40, False))


def test_the_draft_says_what_the_codes_of_the_frame_seem_to_be(project: Path):
    rows = frame_rows()
    rows[6][3] = "hm"
    written(project, rows)
    _, said = command.new_survey(
        project, [project / "answers.csv"], wave="draft_2026", tool=None, frame=project / "frame.csv", like_wave=None
    )
    text = (project / "surveys" / "draft_2026.yml").read_text(encoding="utf-8")
    assert "drafted" in said
    assert 'no_contact: ["2.2"]' in text and "not_eligible: [lukket]" in text and "partial: [partial]" in text
    assert "DECIDE: say which of complete, partial, refusal," in text and "these are: hm, nej tak" in text


def test_the_next_wave_takes_the_frame_as_it_was_described(project: Path):
    written(project, more="non_response: {classes: trade, at_least: 1}\n")
    (project / "next.csv").write_text(text_of(frame_rows()), encoding="utf-8")
    given = {"tool": None, "like_wave": WAVE}
    command.new_survey(project, [project / "answers.csv"], wave="quay_2027", frame=project / "next.csv", **given)
    later = intake_project.prepared(project, wave="quay_2027")
    assert "next.csv" in later.inputs and later.sample is not None
    assert later.sample.final == prepared(project).sample.final and len(later.weights.classes) == 2
    command.new_survey(project, [project / "answers.csv"], wave="quay_2028", frame=None, **given)
    text = (project / "surveys" / "quay_2028.yml").read_text(encoding="utf-8")
    assert "DECIDE: quay_2026 has a sampling frame" in text


def test_a_frame_without_population_sizes_gives_weights_of_1_and_says_so(project: Path):
    found = prepared(written(project, old="  population: firms\n"))
    assert found.weights is not None and set(found.weights.by_key.values()) == {1.0}
    assert "no population sizes (frame.population): all weights are 1" in command.preview(found)


def test_a_stratum_without_an_answer_is_named(project: Path):
    answers = [row for row in answer_rows() if not row[0].startswith("B")]
    found = prepared(written(project, answers=answers))
    assert "no answer in stratum b: no weight stands for its 40 firms; non_response with merge" in command.preview(
        found
    )
    more = "non_response: {classes: stratum_id, at_least: 1, merge: stratum_id}\n"
    merged = prepared(written(project, answers=answers, more=more))
    assert "no answer in stratum" not in command.preview(merged)
    assert merged.weights is not None and sum(merged.weights.by_key.values()) > 100


def drawn(draw: random.Random, outcomes: list[str]) -> sample.Sample:
    """Firms of three strata in two trades, each with an outcome; one of each trade has answered."""
    keys = [f"F{number}" for number in range(draw.randint(6, 60))]
    stratum = {key: draw.choice("abc") for key in keys}
    trade = {key: draw.choice(["fish", "freight"]) for key in keys} | {"F0": "fish", "F1": "freight"}
    final = {key: draw.choice(outcomes) for key in keys} | {"F0": "complete", "F1": "complete"}
    sizes = {name: float(draw.randint(60, 900)) for name in "abc"}
    population = {key: sizes[stratum[key]] for key in keys}
    rows = FrameRows("frame.csv", dict.fromkeys(keys, 2), stratum, population, {}, {"trade": trade})
    return sample.Sample(rows, final, {key for key in keys if final[key] == "complete"})


def survey_with(text: str) -> SurveyFile:
    return SurveyFile.model_validate({"survey": {"id": "quay"}, "non_response": yaml.safe_load(text)})


def test_weights_add_up_to_the_firms_that_are_or_may_be_eligible():
    draw = random.Random(3)
    everything = survey_with("{classes: [trade], at_least: 1}")
    for _ in range(50):
        known = drawn(draw, ["complete", "refusal", "no_contact", "not_eligible"])
        found = sample.weights_of(known, everything, "here")
        base = {key: size / len(keys) for _, size, keys in known.frame.strata() if size for key in keys}
        eligible = sum(weight for key, weight in base.items() if known.final[key] != "not_eligible")
        assert sum(found.by_key.values()) == pytest.approx(eligible)
        # where nothing is known of anybody else, they stand for the whole population
        unknown = drawn(draw, ["complete", "unknown_eligibility"])
        total = sum(size or 0 for _, size, _ in unknown.frame.strata())
        assert sum(sample.weights_of(unknown, everything, "here").by_key.values()) == pytest.approx(total)


def test_classes_that_are_the_strata_give_the_weights_without_classes():
    draw = random.Random(4)
    by_stratum = survey_with("{classes: [stratum_id], at_least: 1, merge: []}")
    compared = 0
    for _ in range(50):
        known = drawn(draw, ["complete", "refusal", "unknown_eligibility"])
        if not sample.strata_without_answer(known):
            compared += 1
            plain = sample.weights_of(known, SurveyFile.model_validate({"survey": {"id": "quay"}}), "here")
            assert sample.weights_of(known, by_stratum, "here").by_key == pytest.approx(plain.by_key)
    assert compared > 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"frame\.csv: is empty"),
        (b"\x00\x01\x02;a\n1;2\n", r"frame\.csv: "),
        (b"firm;stratum;firms;outcome;trade;size\n", r"no row can be loaded \(1 partial, 4 respondent_in_frame\)"),
        (b"firm\nA1\n", r"has no column 'stratum' \(frame\.stratum\)"),
        (b"PK\x03\x04broken", r"frame\.csv: is no whole workbook"),
        (b"<html><body>Log in</body></html>", r"frame\.csv: is a web page"),
        (b'firm;stratum;firms;outcome;trade;size\n"A1;a;100;;x;y\n', r"frame\.csv: "),
    ],
)
def test_a_frame_that_is_no_table_is_refused(content: bytes, message: str, project: Path):
    written(project)
    (project / "frame.csv").write_bytes(content)
    with pytest.raises(BadInputError, match=message):
        loading.check_loadable(prepared(project), accept_quarantined=False)


SIZES = "population: {file: sizes.csv, count: firms, by: stratum}"


def test_population_sizes_may_stand_in_a_table_of_their_own(project: Path):
    (project / "sizes.csv").write_text("stratum;firms\na;100\nb;40\nc;7\n", encoding="utf-8")
    rows = [[*row[:2], "", *row[3:]] for row in frame_rows()]
    rows[0][2] = "firms"
    found = prepared(written(project, rows, old="population: firms", new=SIZES))
    assert found.weights is not None and found.weights.by_key == {"A1": 50, "A2": 50, "B1": 20, "B4": 20}
    assert "sizes.csv" in found.inputs
    without_by = SIZES.replace(", by: stratum", "")
    assert prepared(written(project, rows, old="population: firms", new=without_by)).weights == found.weights


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stratum;firms\na;100\n", r"frame\.csv: rows 7, 8, 9, 10, 11: sizes\.csv has no row with stratum 'b'; add"),
        ("stratum;firms\na;100\nb;40\nb;41\n", r"sizes\.csv: rows 3, 4: stratum 'b' stands there twice"),
        ("stratum;firms\na;100\nb;x\n", r"frame\.csv: 'x' in firms of sizes\.csv of B1 is no number above 0"),
        (
            "stratum;firms\na;100\nb;4\n",
            r"stratum 'b' has 4 firms in the population \(firms of sizes\.csv\) and 5 rows",
        ),
        ("strata;firms\na;100\nb;40\n", r"sizes\.csv: has no column 'stratum' \(frame\.population\.by\)"),
        (None, r"quay_2026\.yml, line 12, frame\.population: there is no file 'sizes\.csv'"),
    ],
)
def test_a_table_of_population_sizes_that_does_not_fit_is_refused(text: str | None, message: str, project: Path):
    if text is not None:
        (project / "sizes.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=message):
        prepared(written(project, old="population: firms", new=SIZES))
