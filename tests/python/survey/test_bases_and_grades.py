"""Protection and grades of surveys that survey files describe, in one build.

A base that several questions define together is a sub-population like one that a single question defines.

`large`: 3 of 45 users use AI rarely, so every measure whose base that answer decides is hidden there. `small`: no
answer is rare, and only the exact number of firms is kept back.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.estimation_project import frame
from support.survey_project import SurveyWave, build_waves

FILE = """\
survey: {id: pier, label: Molen | The pier}
tables: [total, size]
bases:
  firms: Firmaer ved molen | Firms at the pier
questions:
  uses_ai: {label: Bruger I AI? | Do you use AI?, options: yes_no}
  how_often:
    label: Hvor ofte? | How often?
    options: {1: Sjældent | Rarely, 2: Hver uge | Every week, 3: Hver dag | Every day}
    asked_if: uses_ai = 1
  both: {label: Begge, options: yes_no, asked_if: "uses_ai = 1 and how_often in (2, 3)"}
  either: {label: En af dem, options: yes_no, asked_if: uses_ai = 0 or how_often = 1}
  counted: {label: Talt, options: yes_no, asked_if: "at least 2 of uses_ai, how_often in (1, 2)"}
  known: {label: Kendt, options: yes_no, asked_if: uses_ai = 1}
  often:
    label: Ofte | Often
    options: yes_no
    rules: {1: how_often = 3, 0: "how_often in (1, 2)"}
  of_construct: {label: Af en anden, options: yes_no, asked_if: often_or_not = 1 and uses_ai = 1}
  often_or_not:
    label: Ofte eller ikke | Often or not
    options: yes_no
    rules: {1: "how_often in (2, 3)", 0: how_often = 1 or uses_ai = 0}
  everybody: {label: Alle, options: yes_no}
  staff: {label: Ansatte | Staff, number: true}
  amount:
    label: Beløb | Amount
    number: true
    asked_if: uses_ai = 1 and how_often in (2, 3)
    estimates:
      per_firm: {per: staff, unit: share_of_one}
estimates:
  counted_both: {count: true, where: "uses_ai = 1 and how_often in (2, 3)"}
  everybody_both: {of: everybody, share: 1, where: "uses_ai = 1 and how_often in (2, 3) or uses_ai = 2"}
units: {share_of_one: Andel | Share}
"""
# By size: firms without AI, and those that use it by how often.
FIRMS = {"large": (18, {1: 3, 2: 22, 3: 20}), "small": (31, {1: 12, 2: 19, 3: 17})}
NOT_ASKED = -1


def rows() -> list[dict]:
    """The firms; every third says yes to a yes_no question that it is asked."""
    found = []
    for size, (without, users) in FIRMS.items():
        answers = [(0, NOT_ASKED)] * without + [(1, often) for often, count in users.items() for _ in range(count)]
        for number, (uses_ai, often) in enumerate(answers):

            def asked(holds: bool, number: int = number) -> int:
                return int(number % 3 == 0) if holds else NOT_ASKED

            is_both = often in (2, 3)
            found.append(
                {
                    "respondent_id": f"{size}-{number}",
                    "stratum_id": size,
                    "design_weight": 4.0 if size == "large" else 9.0,
                    "stratum_population_size": 1000.0,
                    "size": size,
                    "uses_ai": uses_ai,
                    "how_often": often,
                    "both": asked(is_both),
                    "either": asked(not is_both),
                    "counted": asked(uses_ai == 1 and often in (1, 2)),
                    "known": asked(uses_ai == 1),
                    "of_construct": asked(is_both),
                    "everybody": asked(holds=True),
                    "staff": 10.0 + number % 7,
                    "amount": 100.0 + number if is_both else -9000000001.0,
                }
            )
    return found


# Two questions of the same firms, graded by three surveys: by the product's rules, and by rules of their own.
GRADED = """\
survey: {{id: {survey}, label: Karaktererne | The grades}}
tables: [total, size]
questions:
  half: {{label: Halvdelen | Half, options: yes_no}}
  everybody: {{label: Alle | Everybody, options: yes_no}}
{quality}"""
STRICT = """\
quality:
  share_few_firms: {below: 60}
  narrow: {statistic: share, metric: interval_width, at_least: 0.15, grade: publish_with_warning, label: Bred | Wide}
"""
LAX = """\
quality:
  share_few_firms: {below: 10}
  share_wide_interval: {holds: false}
  share_relative_width: {at_least: 3}
"""
QUALITY = {"plain": "", "strict": STRICT, "lax": LAX}
FIRMS_GRADED = {"few": 20, "some": 50, "many": 400}


def graded_rows() -> list[dict]:
    """Firms that say yes in turn to one question and all to the other."""
    return [
        {
            "respondent_id": f"{size}-{number}",
            "stratum_id": "all",
            "design_weight": 3.0,
            "stratum_population_size": 2000.0,
            "size": size,
            "half": number % 2,
            "everybody": 1,
        }
        for size, firms in FIRMS_GRADED.items()
        for number in range(firms)
    ]


# Two waves with other questions. In the first three tiny firms answered, so the middle ones are hidden with them.
DOCK = """\
survey: {id: dock, label: Dokken | The dock}
tables: [total, size]
questions:
  use: {label: Bruger I AI? | Do you use AI?, options: yes_no}
  trust: {label: Stoler I på AI?, options: {1: Ja | Yes, 2: Nej | No}, asked_if: use = 1 or size = big}
"""
DOCK_LATER = """\
survey: dock
wave: {continues: dock_2026}
change: {since: dock_2026}
questions:
  trust: {label: Stoler I på AI?, options: {1: Ja | Yes, 2: Nej | No}, asked_if: use = 1}
  plans: {label: Planer? | Plans?, options: yes_no, asked_if: use = 1 and trust = 1}
"""
FIRMS_DOCK = {"dock_2026": {"tiny": 3, "mid": 40, "big": 60}, "dock_2027": {"tiny": 30, "mid": 40, "big": 60}}


def dock_rows(wave: str) -> list[dict]:
    found = []
    for size, firms in FIRMS_DOCK[wave].items():
        for number in range(firms):
            use, trust = number % 2, number // 2 % 2 + 1
            is_asked = use == 1 or (size == "big" and wave == "dock_2026")
            found.append(
                {
                    "respondent_id": f"{size}-{number}",
                    "stratum_id": size,
                    "design_weight": 5.0,
                    "stratum_population_size": 300.0,
                    "size": size,
                    "use": use,
                    "trust": trust if is_asked else NOT_ASKED,
                    "plans": number % 4 // 2 if use == 1 and trust == 1 else NOT_ASKED,
                }
            )
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The build file with all surveys of this module."""
    waves = {"pier_2026": SurveyWave("pier", FILE, rows())}
    for survey, quality in QUALITY.items():
        text = GRADED.format(survey=survey, quality=quality)
        waves[f"{survey}_2026"] = SurveyWave(survey, text, graded_rows())
    waves |= {
        wave: SurveyWave("dock", text, dock_rows(wave))
        for wave, text in (("dock_2026", DOCK), ("dock_2027", DOCK_LATER))
    }
    return build_waves(tmp_path_factory.mktemp("own") / "project", waves, "+int_estimates_described")


@pytest.fixture(scope="module")
def estimates(built: Path) -> pd.DataFrame:
    return frame(
        built,
        "select described.measure_id, array_to_string(described.categories, '') as size, described.is_suppressed,"
        " described.sample_size, truth.respondents from intermediate.int_estimates_described as described"
        " inner join intermediate.int_estimates as truth using (estimate_number) where described.survey_id = 'pier'",
    ).set_index(["measure_id", "size"])


# By measure: the number of firms that answered in `small`.
OF_SEVERAL = {
    "both": 36, "either": 43, "counted": 31, "per_firm": 36, "counted_both": 36, "everybody_both": 36,
}  # fmt: skip


@pytest.mark.parametrize("measure", OF_SEVERAL)
def test_a_base_of_several_questions_is_hidden_with_a_rare_answer_of_one(estimates, measure: str) -> None:
    name = measure
    assert estimates.loc[name, "large"].is_suppressed


@pytest.mark.parametrize("measure", OF_SEVERAL)
def test_the_number_of_firms_on_such_a_base_is_rounded(estimates, measure: str) -> None:
    found = estimates.loc[measure, "small"]
    assert (found.respondents, found.sample_size) == (OF_SEVERAL[measure], 5 * round(OF_SEVERAL[measure] / 5))


def test_a_construct_of_routed_answers_is_on_their_base(estimates) -> None:
    """Its number of firms is that of the question that it is made of."""
    found = estimates.loc["often", "small"]
    assert (found.respondents, found.sample_size) == (48, 50)
    assert estimates.loc["how_often_2", "small"].sample_size == 50


def test_what_no_rare_answer_decides_is_shown(estimates) -> None:
    """Users; everybody; and who is told by the answers to a construct, of which none is rare."""
    for measure, size in [("known", "large"), ("everybody", "large"), ("of_construct", "large"), ("both", "small")]:
        assert not estimates.loc[measure, size].is_suppressed, measure
    assert estimates.loc["everybody", "small"].sample_size == 79
    assert estimates.loc["of_construct", "small"].sample_size == 35


# By survey, measure and size: grade and the rules that are broken.
GRADES = {
    ("plain", "half", "few"): ("do_not_publish", "share_few_firms, share_wide_interval"),
    ("plain", "half", "some"): ("publish", None),
    ("plain", "half", "many"): ("publish", None),
    ("plain", "everybody", "few"): ("do_not_publish", "share_at_the_edge, share_few_firms"),
    ("strict", "half", "some"): ("do_not_publish", "share_few_firms, strict_narrow"),
    ("strict", "half", "many"): ("publish", None),
    ("strict", "everybody", "few"): ("do_not_publish", "share_at_the_edge, share_few_firms, strict_narrow"),
    ("lax", "half", "few"): ("publish", None),
    ("lax", "half", "some"): ("publish", None),
    # what all of 20 firms said is told about each of them, so the product's limit stays
    ("lax", "everybody", "few"): ("do_not_publish", "share_at_the_edge, share_few_firms"),
}


@pytest.mark.parametrize("case", GRADES, ids=" ".join)
def test_a_survey_is_graded_by_its_own_rules(built: Path, case: tuple[str, str, str]) -> None:
    survey, measure, size = case
    found = frame(
        built,
        "select graded.quality_grade, graded.quality_rule_ids, protected.is_suppressed"
        " from intermediate.int_estimates_graded as graded"
        " inner join intermediate.int_estimates_protected as protected using (estimate_number)"
        f" where graded.design_id = '{survey}_2026' and graded.measure_id = '{measure}'"
        f" and graded.categories = ['{size}']",
    )
    assert len(found) == 1 and not found.is_suppressed[0]
    rules = found.quality_rule_ids[0]
    assert (found.quality_grade[0], rules if isinstance(rules, str) else None) == GRADES[case]


def protected(built: Path, design: str) -> dict[tuple[str, str], bool]:
    """Whether each estimate of a design is hidden, by measure and size."""
    rows = frame(
        built,
        "select measure_id, array_to_string(categories, '') as size, is_suppressed"
        f" from intermediate.int_estimates_protected where design_id = '{design}'",
    )
    return {(row.measure_id, row.size): row.is_suppressed for row in rows.itertuples()}


def test_a_change_is_hidden_with_the_level_of_a_wave_that_asked_other_questions(built: Path) -> None:
    """Of `use`, which both ask alike; not of `trust`, which other firms were asked, and not of the new question."""
    before, after = protected(built, "dock_2026"), protected(built, "dock_2027")
    assert {size for (measure, size), hidden in before.items() if measure == "use" and hidden} == {"mid", "tiny"}
    assert not any(after["use", size] for size in FIRMS_DOCK["dock_2027"])
    change = protected(built, "dock_2027_change")
    assert change == {("use", ""): False, ("use", "big"): False, ("use", "mid"): True, ("use", "tiny"): True}
    assert ("plans", "") in after and ("trust_1", "") in after
