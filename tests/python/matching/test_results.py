"""What a study can ask for beyond a single comparison, how strong hidden bias must be, and what may be released."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path
from statistics import NormalDist

import duckdb
import numpy as np
import pandas as pd
import pytest
from support import matching_oracle
from support import matching_project as project

from smv_ai.golden.matching import MODELS
from smv_ai.matching.study import SurveyTreatment, Trim

MARTS = f"{MODELS} +fct_matched_comparisons +fct_match_balance"
SPEC = {
    "distance": "mahalanobis", "ties": "all", "caliper": None, "match_on": ["a", "b"], "exact": [], "neighbours": 2,
    "variance_neighbours": 1, "level": 0.95, "kind": "level",
}  # fmt: skip
FIELDS = {"match_on": ["a", "b"], "neighbours": 2}


def three_years() -> pd.DataFrame:
    """Firms with turnover and staff in 2019, 2021 and 2023; the staff of some is not known in 2023."""
    random = np.random.default_rng(11)
    rows = project.firms(random, 120, 25)
    for year, column in ((2019, "t19"), (2021, "y1"), (2023, "y2")):
        if column == "t19":
            rows[column] = rows.y1 * np.exp(0.05 * random.normal(size=120))
        rows[f"s{year}"] = np.round(np.exp(3 + 0.5 * rows.a + 0.1 * random.normal(size=120)), 1)
    rows.loc[[3, 40, 41], "s2023"] = None
    return rows


def three_year_panel(rows: pd.DataFrame) -> pd.DataFrame:
    years = [(2019, "t19"), (2021, "y1"), (2023, "y2")]
    return pd.concat(
        rows[["treatment", "a", "b", "sector"]].assign(firm_id=rows.id, year=y, turnover=rows[t], staff=rows[f"s{y}"])
        for y, t in years
    )


def panels(folder: Path) -> list[tuple]:
    random = np.random.default_rng(12)
    rows = three_years()
    small, large = project.firms(random, 60, 4), project.firms(random, 60, 12)
    large.loc[0, "y2"] = 1e9
    surveyed = project.firms(random, 80, 20)
    answers = pd.DataFrame({"respondent_id": surveyed.id.astype(str), "ai": np.where(surveyed.treatment == 1, 3, 1)})
    answers.loc[[0, 50], "ai"] = -2
    wave = folder.parent / "responses" / "survey_id=s" / "survey_wave_id=w1"
    wave.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(f"copy answers to '{wave / 'responses.parquet'}' (format parquet)")
    treatment = SurveyTreatment(survey_wave_id="w1", column="ai", treated=[3], untreated=[1])
    outcomes = [{"column": "turnover"}, {"column": "turnover / staff", "kind": "log_growth", "outcome_id": "per_head"}]
    return [
        (
            project.study("common", earlier_year=2019, sample="common", outcomes=outcomes, **FIELDS),
            three_year_panel(rows),
        ),
        (project.study("where", where={"sector": ["trade", "food"]}, **FIELDS), project.panel(rows)),
        (project.study("small", **FIELDS), project.panel(small)),
        (project.study("large", outcomes=[{"column": "turnover", "kind": "level"}], **FIELDS), project.panel(large)),
        (
            project.study("survey", treatment=treatment, **FIELDS),
            project.panel(surveyed.drop(columns="treatment")),
        ),
        (project.study("trimmed", trim=Trim(lower=0.1, upper=0.9), **FIELDS), project.panel(rows)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "project"
    responses = str(folder.parent / "responses")
    return project.build(folder, panels(folder), models=MARTS, responses_path=responses)


def effects(built: Path) -> pd.DataFrame:
    return project.frame(
        built,
        "from intermediate.int_matching_results inner join staging.stg_matching__comparisons"
        " using (comparison_number, matching_number)",
    ).set_index("comparison_id")


def near(value: float, expected: float) -> bool:
    return math.isclose(value, expected, rel_tol=1e-9)


def test_a_common_sample_is_matched_once_and_complete_in_every_outcome(built: Path) -> None:
    rows = three_years()
    complete = rows[rows.s2023.notna()]
    found = effects(built)
    assert found.loc["common/turnover"].matching_number == found.loc["common/per_head"].matching_number
    heads = np.log(complete.y2 / complete.s2023) - np.log(complete.y1 / complete.s2021)
    for name, values in (("turnover", 100 * (complete.y2 / complete.y1 - 1)), ("per_head", heads)):
        expected = matching_oracle.run(complete.assign(y2=values), SPEC)
        assert near(found.loc[f"common/{name}"].estimate, expected["effect", "", "estimate"])
        assert near(found.loc[f"common/{name}"].standard_error, expected["effect", "", "standard_error"])


def test_placebo_and_double_difference_take_the_earlier_year(built: Path) -> None:
    rows = three_years()
    before, after = 100 * (rows.y1 / rows.t19 - 1), 100 * (rows.y2 / rows.y1 - 1)
    found = effects(built)
    for role, values in (("placebo", before), ("difference_in_differences", after - before)):
        expected = matching_oracle.run(rows.assign(y2=values), SPEC)
        mine = found.loc[f"common/turnover.{role}"]
        assert mine.outcome_role == role
        assert near(mine.estimate, expected["effect", "", "estimate"])
        assert near(mine.standard_error, expected["effect", "", "standard_error"])


def test_where_and_an_answer_of_a_survey_choose_the_firms(built: Path) -> None:
    found = effects(built)
    rows = three_years()
    expected = matching_oracle.run(rows[rows.sector != "build"], {**SPEC, "kind": "percent_growth"})
    assert near(found.loc["where/turnover"].estimate, expected["effect", "", "estimate"])
    # one treated and one untreated firm gave no answer
    assert (found.loc["survey/turnover"].treated, found.loc["survey/turnover"].controls) == (19, 59)


def sensitivity(sets: list[tuple[float, list[float]]], gamma: float) -> float:
    """Bound of the one-sided P value by trying every pattern of the unobserved in a set, not only those of the theorem.
    sets: outcome of the treated firm and of its controls.
    """
    aligned = [np.array([y, *others]) - np.mean([y, *others]) for y, others in sets]
    pooled = np.round(np.concatenate(aligned), 9)
    ranks = pd.Series(pooled).rank().to_numpy()
    mean = variance = statistic = 0.0
    place = 0
    for members in aligned:
        q = ranks[place : place + len(members)]
        place += len(members)
        statistic += q[0]
        best = (-math.inf, 0.0)
        for pattern in product([0, 1], repeat=len(q)):
            odds = gamma ** np.array(pattern)
            mu = odds @ q / odds.sum()
            best = max(best, (round(mu, 9), odds @ q**2 / odds.sum() - mu**2))
        mean, variance = mean + best[0], variance + best[1]
    return 1 - NormalDist().cdf((statistic - mean) / math.sqrt(variance))


@pytest.mark.parametrize("gamma", [1.0, 1.25, 2.0, 3.0])
def test_bounds_of_hidden_bias_are_the_worst_of_every_pattern(built: Path, gamma: float) -> None:
    number = effects(built).loc["where/turnover"].comparison_number
    pairs = project.frame(built, f"from intermediate.int_matching_pair_differences where comparison_number = {number}")
    sets = [(g.treated_outcome.iloc[0], list(g.control_outcome)) for _, g in pairs.groupby("firm_number")]
    if effects(built).loc["where/turnover"].estimate < 0:
        sets = [(-y, [-other for other in others]) for y, others in sets]
    found = project.frame(
        built, f"from intermediate.int_matching_sensitivity where comparison_number = {number} and gamma = {gamma}"
    )
    assert math.isclose(found.p_value_bound[0], sensitivity(sets, gamma), rel_tol=1e-6)


def test_few_firms_and_a_dominant_firm_are_withheld_and_no_firm_is_released(built: Path) -> None:
    found = project.frame(built, "from marts.fct_matched_comparisons").set_index("matched_comparison_id")
    assert found.loc["small/turnover"].suppression_reason == "confidential"
    assert found.loc["large/turnover"].suppression_reason == "confidential"
    for name in ("small/turnover", "large/turnover"):
        figures = found.loc[name, "treated_count":"matched_p_value_adjusted"]
        assert figures.isna().all(), figures
    assert not found.loc["where/turnover"].is_suppressed
    balance = project.frame(built, "from marts.fct_match_balance")
    assert balance[balance.study_id == "small"].smd_before.isna().all()
    assert balance[balance.study_id == "where"].smd_before.notna().all()
    columns = project.frame(built, "select column_name from duckdb_columns() where schema_name = 'marts'").column_name
    assert not [name for name in columns if "firm" in name]


def test_released_digits_are_few_and_the_build_keeps_all(built: Path) -> None:
    released = project.frame(built, "from marts.fct_matched_comparisons").set_index("matched_comparison_id")
    kept = effects(built)
    value = kept.loc["where/turnover"].estimate
    assert released.loc["where/turnover"].matched_difference == round(value, 2) != value
    assert released.loc["common/per_head"].matched_difference == round(kept.loc["common/per_head"].estimate, 4)
    assert "outcome_trimmed: 24" in released.loc["trimmed/turnover"].left_out_reasons
