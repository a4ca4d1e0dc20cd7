"""Response rates by AAPOR's Standard Definitions, what a survey file says of its sample, and what of it is released."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.counted_tables import MODELS, THRESHOLD, model_sql, tabled_survey
from support.intake_project import new_project

from smv_ai.errors import BadInputError
from smv_ai.survey.dispositions import Outcomes, Stratum, eligible_share, rate_rows, response_rates
from smv_ai.survey.file.expansion import expanded_rows
from smv_ai.survey.response_files import check_survey_files

RATES = [f"response_rate_{number}" for number in (1, 2, 3, 4)]


def test_the_four_rates_of_a_sample_worked_out_by_hand():
    """I 600, P 50, R 200, NC 100, O 50, U 150, not eligible 250: e = 1000/1250, bases 1150 and 1120."""
    outcomes = Outcomes(600, 50, 200, 100, 50, 150, 250)
    assert outcomes.sampled == 1400 and eligible_share(outcomes) == pytest.approx(0.8)
    expected = (600 / 1150, 650 / 1150, 600 / 1120, 650 / 1120)
    assert response_rates(outcomes, eligible_share(outcomes)) == pytest.approx(expected)


def test_nobody_known_and_nobody_eligible():
    assert eligible_share(Outcomes(unknown_eligibility=7)) == 1
    assert response_rates(Outcomes(unknown_eligibility=7), 1.0) == (0, 0, 0, 0)
    assert response_rates(Outcomes(not_eligible=7), 0.0) == (None,) * 4


def test_the_weighted_rates_count_each_firm_for_those_that_it_stands_for():
    """Two strata, 10 of 100 and 10 of 900 firms, 8 and 4 of which answered: (8 · 10 + 4 · 90) of 1000."""
    strata = [Stratum("a", 100, Outcomes(8, 0, 2)), Stratum("b", 900, Outcomes(4, 0, 6))]
    total = list(rate_rows("s", "w", strata, None, "f"))[-1]
    assert (total["is_total"], total["stratum_id"], total["stratum_population_size"]) == (True, None, 1000)
    assert total["response_rate_1"] == pytest.approx(60) and total["weighted_response_rate_1"] == pytest.approx(44)
    strata[1] = Stratum("b", None, strata[1].outcomes)
    a, b, total = rate_rows("s", "w", strata, None, "f")
    assert a["weighted_response_rate_1"] == pytest.approx(80) and b["weighted_response_rate_1"] is None
    assert total["weighted_response_rate_1"] is None and total["stratum_population_size"] is None


@given(st.lists(st.integers(0, 500), min_size=7, max_size=7), st.none() | st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_rates_are_parts_and_stand_in_order(counts: list[int], stated: float | None):
    outcomes = Outcomes(*map(float, counts))
    share = eligible_share(outcomes) if stated is None else stated
    one, two, three, four = response_rates(outcomes, share)
    assert 0 <= share <= 1
    if one is None or two is None or three is None or four is None:
        assert outcomes.eligible == 0
        return
    assert 0 <= one <= min(two, three) and max(two, three) <= four <= 1
    assert response_rates(outcomes, 1.0)[2:] == (one, two)


# --- in a survey file

FILE = """\
survey: {id: quay, label: Kajen}
questions: {trust: {label: Tillid, options: {1: Ja, 2: Nej}}}
eligible_share: 0.5
dispositions:
  small: {population: 900, complete: 60, partial: 4, refusal: 20, no_contact: 10, other: 2, unknown_eligibility: 8}
  large: {population: 300, complete: 30, refusal: 20, not_eligible: 10}
"""
FRAME = """\
frame:
  file: sample.csv
  key: firm
  population: firms
  disposition: {column: udfald, refusal: [2, 3], no_contact: 3}
  columns: [industry, size]
non_response: {classes: [industry, sise], at_least: 1, merge: [region]}
"""
KEYLESS = "source: {answers: a.csv}\nframe: {file: a.csv, key: b}"


def written(folder: Path, text: str) -> Path:
    project = new_project(folder / "project")
    (project / "surveys" / "quay_2026.yml").write_text(text, encoding="utf-8")
    return project


def test_a_survey_file_states_what_became_of_its_sample(tmp_path: Path):
    project = written(tmp_path, FILE)
    check_survey_files(project)
    large, small, total = expanded_rows(project)["response_rates"]
    assert [row["stratum_id"] for row in (large, small, total)] == ["large", "small", None]
    assert small["response_rate_3"] == pytest.approx(100 * 60 / (96 + 0.5 * 8))
    assert large["response_rate_4"] == pytest.approx(100 * 30 / 50) and total["sampled_count"] == 164
    assert total["source_file"] == "surveys/quay_2026.yml"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("complete: 30, refusal: 20, not_eligible: 10", "", 6, "dispositions.large", "has no sampled firm; count them"),
        ("population: 300", "population: 59", 6, "dispositions.large.population", "59 firms are fewer than the 60"),
        ("population: 300, ", "", 6, "dispositions.large", "has no population, and others have"),
        ("population: 300", "population: 0", 6, "dispositions.large.population", "allowed: a number above 0"),
        ("complete: 30", "complete: thirty", 6, "dispositions.large.complete", "allowed: a whole number, digits only"),
        ("refusal: 20, no_c", "refusals: 20, no_c", 5, "dispositions.small.refusals", "did you mean 'refusal'?"),
        ("eligible_share: 0.5", "eligible_share: 50", 3, "eligible_share", "allowed: a number from 0 to 1"),
        ("eligible_share: 0.5", "frame: {file: a.csv, key: b}", 4, "dispositions", "take out one of the two"),
        ("eligible_share: 0.5", KEYLESS, 4, "frame.key", "needs source.respondent: the column of the export"),
        (FILE[FILE.index("dispositions") :], "", 3, "eligible_share", "is for a wave with a frame or dispositions"),
        ("eligible_share: 0.5", FRAME, 7, "frame.disposition.no_contact", "'3' is refusal already"),
        ("eligible_share: 0.5", FRAME, 9, "non_response.classes", "did you mean 'size'?"),
        ("eligible_share: 0.5", FRAME, 9, "non_response.merge", "'region' makes no class"),
        ("eligible_share: 0.5", FRAME.replace("1,", "0,"), 9, "non_response.at_least", "a whole number from 1"),
        ("eligible_share: 0.5", "non_response: {classes: a, at_least: 5}", 3, "non_response", "needs a frame with pop"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_sample_is_named(old, new, line, key, message, tmp_path: Path):
    assert old in FILE
    with pytest.raises(BadInputError) as error:
        check_survey_files(written(tmp_path, FILE.replace(old, new)))
    [found] = [row for row in str(error.value).splitlines() if f", {key}: " in row]
    assert found.startswith(f"surveys/quay_2026.yml, line {line}, ") and message in found


# --- what is released


def released(*waves: list[tuple[int, int]]) -> list[pd.DataFrame]:
    """The rows that the model makes of each wave: of each stratum how many firms were sampled, and answered."""
    rows = []
    for wave, strata in enumerate(waves):
        known = [
            Stratum(
                f"stratum {number:02d}", None, Outcomes(complete=float(answered), refusal=float(sampled - answered))
            )
            for number, (sampled, answered) in enumerate(strata)
        ]
        rows += list(rate_rows("s", f"wave {wave:03d}", known, None, "f"))
    survey = tabled_survey([[20]], [])  # its wave is another one: these have no tables
    with duckdb.connect() as connection:
        for name, relation in (survey.relations | {"stg_responses__response_rates": pd.DataFrame(rows)}).items():
            connection.register(name, relation)
        for model in MODELS:
            connection.execute(f"create temp table {model} as {model_sql(model)}")
        found = connection.execute(f"from {MODELS[-1]} order by is_total, stratum_id nulls last").df()
    return [found[found["survey_wave_id"] == wave] for wave in sorted(set(found["survey_wave_id"]))]


def test_few_firms_are_hidden_and_the_smallest_other_stratum_with_them():
    [found] = released([(50, 40), (20, 3), (30, 12), (30, 20)])
    shown = found[~found["is_withheld"]]
    assert shown["stratum_id"].fillna("total").tolist() == ["stratum 00", "stratum 03", "total"] and len(found) == 5
    hidden = found[found["is_withheld"]]
    assert hidden[["stratum_id", "sampled_count", "answered_count", *RATES]].isna().all(axis=None)
    assert set(hidden["suppression_reason"]) == {"confidential"}


def test_nothing_is_hidden_where_all_strata_are_large_and_all_where_the_whole_is_small():
    large, small = released([(50, 40), (20, 5)], [(50, 3), (20, 1)])
    assert not large["is_withheld"].any() and small["is_withheld"].all()


def test_no_difference_to_the_total_is_of_few_firms():
    """What is left of the total when all strata that are shown are taken off is nothing, or of many firms."""
    draw = random.Random(20)
    waves = []
    for _ in range(100):
        sizes = [draw.randint(1, 30) for _ in range(draw.randint(1, 8))]
        waves.append([(sampled, draw.randint(0, sampled)) for sampled in sizes])
    partners = 0
    for strata, found in zip(waves, released(*waves), strict=True):
        shown = found[~found["is_withheld"] & ~found["is_total"]]
        assert (shown[["sampled_count", "answered_count"]] >= THRESHOLD).all(axis=None)
        total = found[found["is_total"]].iloc[0]
        large = [pair for pair in strata if min(pair) >= THRESHOLD]
        if total["is_withheld"]:
            assert shown.empty
        elif len(shown) < len(strata) and large:  # a partner with enough firms lies among the hidden ones
            partners += 1
            assert len(shown) == len(large) - 1
            assert total["answered_count"] - shown["answered_count"].sum() >= THRESHOLD
    assert partners > 30
