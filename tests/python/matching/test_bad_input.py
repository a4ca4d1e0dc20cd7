"""Panels and studies that cannot be used: named with firm count and rule; firms left out: counted by reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import matching_project as project

from smv_ai.environment import PROJECT_DIR
from smv_ai.errors import BadInputError
from smv_ai.matching.panel import open_panel
from smv_ai.matching.prepare import prepare
from smv_ai.matching.study import read_studies, read_study


def plain_panel(count: int = 60, treated: int = 15) -> pd.DataFrame:
    return project.panel(project.firms(np.random.default_rng(3), count, treated))


def opened(folder: Path, rows: pd.DataFrame, **fields) -> str:
    """The message that the panel is refused with; empty where it is not."""
    project.write_panel(folder, "one", rows)
    try:
        open_panel(project.study("one", **fields), str(folder / "panels"))
    except BadInputError as error:
        return str(error)
    return ""


def test_a_good_panel_is_opened(tmp_path: Path) -> None:
    assert opened(tmp_path, plain_panel()) == ""
    assert opened(tmp_path, plain_panel().astype({"treatment": bool})) == ""


@pytest.mark.parametrize(
    ("column", "values", "rule", "words"),
    [
        ("treatment", [2.0, 3.0], "treatment_is_0_or_1", ["firms: 2", "2.0, 3.0", "2021"]),
        ("firm_id", [None], "firm_has_id_and_year", ["firms: 1", "without id"]),
        ("a", [float("inf")], "panel_number_is_finite", ["firms: 1", "a is not", "inf"]),
        ("weight", [-1.0], "weight_is_not_negative", ["firms: 1", "-1.0"]),
    ],
)
def test_values_that_break_a_rule_are_refused_with_firms_and_rule(tmp_path, column, values, rule, words) -> None:
    rows = plain_panel().astype({"firm_id": "Int64"}).assign(weight=1.0)
    rows.loc[range(len(values)), column] = values
    message = opened(tmp_path, rows)
    assert all(word in message for word in [*words, f"[{rule}]", "study one", "docs/matching.md"])


def test_text_treatment_other_than_0_and_1_is_refused(tmp_path: Path) -> None:
    rows = plain_panel()
    rows["treatment"] = rows.treatment.map({1.0: "1", 0.0: "0"})
    assert opened(tmp_path, rows) == ""
    rows.loc[[0, 1, 2], "treatment"] = "yes"
    assert "(values: yes); firms: 3" in opened(tmp_path, rows)


def test_a_firm_twice_in_a_year_is_refused(tmp_path: Path) -> None:
    rows = plain_panel()
    rows = pd.concat([rows, rows.head(2)])
    message = opened(tmp_path, rows)
    assert "more than once in a year (2021)" in message
    assert "firms: 2" in message
    assert "[firm_once_in_a_year]" in message


def test_a_year_that_no_firm_has_is_refused(tmp_path: Path) -> None:
    message = opened(tmp_path, plain_panel(), end_year=2024)
    assert "no firm in 2024; firms: 0; years there: 2021 (60 firms), 2023 (60 firms) [panel_has_year]" in message


def test_columns_that_are_not_there_or_no_numbers_are_refused(tmp_path: Path) -> None:
    message = opened(tmp_path, plain_panel(), match_on=["a", "log(size)", "sector"])
    assert "column size is not in the panel" in message
    assert "column sector is VARCHAR; it must be a number [panel_column_is_number]" in message


def test_a_study_without_panel_and_a_file_that_is_no_parquet_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no panel at .*study_id=one.*\[panel_there\]"):
        open_panel(project.study("one"), str(tmp_path))
    (tmp_path / "study_id=one").mkdir()
    (tmp_path / "study_id=one" / "panel.parquet").write_text("no parquet", encoding="utf-8")
    with pytest.raises(BadInputError, match="panel_readable"):
        open_panel(project.study("one"), str(tmp_path))


STUDY = """
label_da: Vækst
label_en: Growth
base_year: 2021
end_year: 2023
match_on: [log(turnover), exports / turnover]
outcomes: [turnover, {column: value_added / full_time_equivalents, outcome_id: productivity}]
"""


def read(folder: Path, text: str) -> str:
    path = folder / "trial.yml"
    path.write_text(text, encoding="utf-8")
    try:
        read_study(path)
    except BadInputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("base_year: 2021", "", ["panels/trial.yml: base_year", "required"]),
        ("end_year: 2023", "end_year: 2020", ["end_year 2020 lies before base_year 2021"]),
        ("label_da: Vækst", "label_da: Vækst\nneighbors: 3", ["neighbors", "not permitted"]),
        ("label_da: Vækst", "label_da: Vækst\nneighbours: 0", ["neighbours is 0", "greater than or equal to 1"]),
        ("label_da: Vækst", "label_da: Vækst\ndistance: euclid", ["distance is 'euclid'", "mahalanobis"]),
        ("log(turnover)", "sqrt(turnover)", ["match_on", "'sqrt(turnover)' cannot be read; allowed"]),
        ("outcome_id: productivity", "outcome_id: turnover", ["turnover more than once"]),
        ("label_da: Vækst", "label_da: [", ["cannot be read as YAML"]),
    ],
)
def test_a_study_file_with_a_fault_names_file_field_value_and_rule(tmp_path, old, new, words) -> None:
    assert read(tmp_path, STUDY) == ""
    message = read(tmp_path, STUDY.replace(old, new, 1))
    assert all(word in message for word in ["panels/trial.yml", *words]), message


def spoilt() -> dict[str, tuple]:
    """Studies by id, each with the panel of one fault that is found in the models, or firms that are left out."""
    random = np.random.default_rng(5)
    rows = {
        name: project.firms(random, 60, 15) for name in ("left_out", "constant", "dependent", "alone", "few", "all")
    }
    left_out = rows["left_out"]
    left_out.loc[[0, 20, 21], "y1"] = [0.0, -5.0, 0.0]
    left_out.loc[[1, 22], "treatment"] = None
    left_out.loc[[2, 23], "a"] = None
    left_out.loc[[3], "y2"] = None
    left_out.loc[[4, 24], "sector"] = None
    left_out.loc[[5, 6], "sector"] = "fish"
    left_out.loc[[7, 8, 25, 26], "sector"] = "coal"
    left_out_panel = project.panel(left_out)
    missing_year = left_out_panel.firm_id.isin(left_out.id[[9, 30, 31]]) & (left_out_panel.year == project.END)
    rows["constant"]["c"] = 0.1
    rows["dependent"]["d"] = 2 * rows["dependent"].a - rows["dependent"].b + 1
    rows["alone"]["treatment"] = 0.0
    rows["all"]["treatment"] = 1.0
    return {
        "left_out": (project.study("left_out", exact=["sector"], neighbours=3), left_out_panel[~missing_year]),
        "constant": (project.study("constant", match_on=["a", "c"]), project.panel(rows["constant"])),
        "dependent": (project.study("dependent", match_on=["a", "b", "d"]), project.panel(rows["dependent"])),
        "alone": (project.study("alone"), project.panel(rows["alone"])),
        "all": (project.study("all"), project.panel(rows["all"])),
        "few": (project.study("few", neighbours=50), project.panel(rows["few"])),
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return project.build(tmp_path_factory.mktemp("spoilt") / "project", list(spoilt().values()))


def test_firms_that_are_left_out_are_counted_by_reason(built: Path) -> None:
    found = project.frame(
        built,
        "select left_out_reason, sum(firms) as firms from intermediate.int_matching_left_out"
        " inner join staging.stg_matching__matchings using (matching_number) where study_id = 'left_out' group by all",
    )
    counts = {row.left_out_reason: int(row.firms) for row in found.itertuples()}
    assert counts == {
        "treatment_missing": 2,
        "exact_key_missing": 2,
        "distance_column_missing": 2,
        "year_missing": 3,
        "outcome_missing": 1,
        "growth_from_zero_or_less": 3,
        "key_without_controls": 2,
        "fewer_controls_than_neighbours": 2,
    }
    total = project.frame(
        built,
        "select treated, controls, treated_matched from intermediate.int_matching_results"
        " inner join staging.stg_matching__matchings using (matching_number) where study_id = 'left_out'",
    ).iloc[0]
    assert total.treated + total.controls == 60 - 13
    assert total.treated_matched == total.treated - 4


@pytest.mark.parametrize(
    ("study_id", "rule", "words"),
    [
        ("constant", "constant_distance_column", "same value of c; take it out of match_on; firms: 60"),
        ("dependent", "dependent_distance_columns", "one of a, b, d follows from the others"),
        ("alone", "no_treated_firm", "no treated firm is left; firms: 60"),
        ("all", "no_untreated_firm", "no untreated firm is left; firms: 60"),
        ("few", "no_treated_firm_matched", "no treated firm has 50 candidates"),
    ],
)
def test_a_comparison_that_cannot_be_made_says_why_and_has_no_figure(built: Path, study_id, rule, words) -> None:
    row = project.frame(
        built,
        "select * from intermediate.int_matching_results inner join staging.stg_matching__matchings"
        f" using (matching_number) where study_id = '{study_id}'",
    ).iloc[0]
    assert row.not_computed_rule == rule
    assert words in row.not_computed_message
    assert pd.isna(row.estimate)
    assert pd.isna(row.standard_error)


def test_the_plan_skips_a_study_without_panel_and_is_not_written_where_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "panels").mkdir()
    for name in ("one", "two"):
        (tmp_path / "panels" / f"{name}.yml").write_text(
            STUDY.split("match_on")[0] + "match_on: [a]\noutcomes: [turnover]"
        )
    (tmp_path / "dbt_project.yml").write_text("vars: {register_path: panels_of_firms/panels}")
    project.write_panel(tmp_path / "panels_of_firms", "one", plain_panel())
    assert prepare(tmp_path) == "matched comparisons: 1 study; without a panel, so left out: two"
    plan = (tmp_path / "target" / "matching" / "matchings.jsonl").read_text(encoding="utf-8")
    assert '"matching_id": "one/turnover"' in plan
    # the plan holds no path of this machine
    queries = (tmp_path / "target" / "matching" / "row_queries.jsonl").read_text(encoding="utf-8")
    assert str(tmp_path) not in queries
    spoilt_rows = plain_panel()
    spoilt_rows.loc[0, "treatment"] = 7.0
    project.write_panel(tmp_path / "panels_of_firms", "two", spoilt_rows)
    with pytest.raises(BadInputError, match=r"study two: .*treatment_is_0_or_1"):
        prepare(tmp_path)
    assert (tmp_path / "target" / "matching" / "matchings.jsonl").read_text(encoding="utf-8") == plan


def test_the_studies_of_the_project_can_be_read() -> None:
    studies = read_studies(PROJECT_DIR / "panels")
    assert [study.study_id for study in studies] == sorted(path.stem for path in (PROJECT_DIR / "panels").glob("*.yml"))
    assert studies
