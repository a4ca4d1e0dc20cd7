"""The made-up register: what its study prints comes back through the models, with the same bytes on every run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pytest
from support.project import PROJECT

from smv_ai.demo import write_registers
from smv_ai.demo.published import printed_figures
from smv_ai.demo.register import Printed, Register, printed_of
from smv_ai.demo.register_fit import fit
from smv_ai.demo.register_plan import read_register_plan, read_register_plans
from smv_ai.errors import BadInputError
from smv_ai.matching.study import Study, read_study

NAME = "dst_register_2023"


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(PROJECT / "panels" / f"{NAME}.yml")


@pytest.fixture(scope="module")
def printed(study: Study) -> Printed:
    return printed_of(study, printed_figures(PROJECT))


def panel(folder: Path) -> Path:
    return next((folder / f"study_id={NAME}").glob("*.parquet"))


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        assert write_registers(PROJECT, tmp_path / name) == 1
        digests.append(hashlib.sha256(panel(tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_the_panel_has_the_firms_of_the_survey_twice_and_all_are_marked(tmp_path: Path, printed: Printed) -> None:
    write_registers(PROJECT, tmp_path / "register")
    rows = duckdb.sql(f"from '{panel(tmp_path / 'register')}'").df()
    assert rows.groupby("year").firm_id.nunique().to_dict() == {2021: printed.firms, 2023: printed.firms}
    assert rows[rows.year == 2021].treatment.sum() == printed.treated
    assert rows.firm_id.str.startswith("demo_").all()


def test_treatment_and_growth_are_moved_little_and_spread_not_at_all(study: Study, printed: Printed) -> None:
    plan = read_register_plan(PROJECT / "demo" / "registers" / f"{NAME}.yml")
    drawn, moved = (Register(plan, printed, (study.base_year, study.end_year)) for _ in range(2))
    fit(moved, study)
    assert (drawn.is_treated != moved.is_treated).sum() <= 0.2 * 2 * printed.treated
    for name, values in moved.growth.items():
        change = values - drawn.growth[name]
        assert np.median(np.abs(change)) < plan.growth.spread[name] / 10
        assert abs(values.std() / drawn.growth[name].std() - 1) < 0.05


def test_counts_and_growth_are_those_that_the_report_prints(demo_warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = demo_warehouse.execute(
        "select published.indicator_id, published.ai_use_group_id, published.value_text_en, synthetic.value_text_en,"
        " published.sample_size, synthetic.sample_size, synthetic.ci_lower < synthetic.observation_value"
        " from marts.mart_productivity as published inner join marts.mart_productivity as synthetic"
        " using (indicator_id, base_population_id, survey_wave_id, ai_use_group_id)"
        " where published.evidence_type = 'published' and synthetic.evidence_type = 'synthetic'"
        " and base_population_id = 'ti_matched_firms' and published.unit_of_measure = 'percent_change'"
    ).fetchall()
    assert len(rows) == 8
    for indicator, group, printed, synthetic, printed_size, size, has_interval in rows:
        assert (printed, printed_size) == (synthetic, size), (indicator, group)
        assert has_interval


def test_a_plan_that_cannot_be_met_says_so(study: Study, printed: Printed) -> None:
    plan = read_register_plan(PROJECT / "demo" / "registers" / f"{NAME}.yml")
    many = Printed(printed.firms, printed.treated, 3 * printed.treated + 1, printed.growth)
    with pytest.raises(BadInputError, match=rf"demo/registers/{NAME}\.yml: .*controls instead of 352"):
        fit(Register(plan, many, (2021, 2023)), study)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("seed: 20212023", "seed: -1", "seed: Input should be greater than or equal to 0"),
        ("shared: 0.5", "shared: 0.5\n  sheared: 1", "growth.sheared: Extra inputs are not permitted"),
        (f"study_id: {NAME}", "study_id: other", "study_id is 'other'"),
    ],
)
def test_a_bad_plan_is_named_with_file_and_field(tmp_path: Path, before: str, after: str, words: str) -> None:
    folder = tmp_path / "demo" / "registers"
    folder.mkdir(parents=True)
    text = (PROJECT / "demo" / "registers" / f"{NAME}.yml").read_text(encoding="utf-8")
    assert before in text
    (folder / f"{NAME}.yml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(BadInputError) as refused:
        read_register_plans(tmp_path)
    assert f"demo/registers/{NAME}.yml" in str(refused.value)
    assert words in str(refused.value)


def test_the_difference_has_the_error_of_the_matching(demo_warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = demo_warehouse.execute(
        "select -changes.difference, matched_difference, changes.standard_error, matched_standard_error,"
        " -changes.ci_upper, matched_ci_lower, changes.interval_method"
        " from marts.fct_changes as changes inner join marts.fct_matched_comparisons as matched"
        " using (indicator_id, base_population_id, evidence_type) where changed_dimension = 'ai_use_group_id'"
    ).fetchall()
    assert len(rows) == 4
    for difference, matched, error, matched_error, lower, matched_lower, method in rows:
        assert abs(difference - matched) < 0.011  # both means are rounded to two decimals
        assert (error, lower, method) == (matched_error, matched_lower, "abadie_imbens")
