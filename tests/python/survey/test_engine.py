"""Properties of the engine as a whole: one result for any number of threads, no rows without responses, nothing about
respondents.
"""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest
from support.estimation_project import build, frame, plain_catalogue, respondents

MODELS = ["int_response_moments", "int_estimates", "int_estimates_protected"]


def content(database, model: str) -> list[tuple]:
    """The rows of a model with doubles as their exact bits."""
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = [row[:2] for row in connection.execute(f"describe intermediate.{model}").fetchall()]
        exact = [f"printf('%a', {name})" if kind == "DOUBLE" else name for name, kind in columns]
        return sorted(map(str, connection.execute(f"select {', '.join(exact)} from intermediate.{model}").fetchall()))


@pytest.fixture(scope="module")
def waves() -> dict:
    """Three row groups of respondents in some three hundred cells, with seven unequal weights and a number whose sum
    depends on the order of addition.
    """
    rows = respondents({f"s{number:02d}": 25_000 for number in range(12)}, population=10**6)
    for number, row in enumerate(rows):
        row["design_weight"] = 1 + number * 31 % 7 / 3
        row["amount"] = (number * 7919 % 100_003) / 7.0 + 1e-7 * number
    return {("test", "one"): rows}


def amounts(catalogue: dict) -> dict:
    catalogue["response_items"].append(
        {
            "survey_wave_id": "one",
            "item_id": "amount",
            "column_name": "amount",
            "value_kind": "number",
            "base_population_id": "caisa_smes",
        }
    )
    catalogue["estimation_measures"].append(
        {
            "measure_set_id": "plain",
            "measure_id": "amount",
            "item_id": "amount",
            "statistic": "mean",
            "interval_method": "wald",
            "is_amount": "true",
            "base_population_id": "caisa_smes",
        }
    )
    return catalogue


def raked_catalogue() -> dict:
    """Share and mean with weights raked to two margins that the sample does not meet."""
    catalogue = amounts(
        plain_catalogue(["one"], calibration_method="raking", residual_weights="base", margin_set_id="m")
    )
    catalogue["calibration_margins"] = [
        {"margin_set_id": "m", "column_name": column, "category": category, "population_count": count}
        for column, category, count in [
            ("size", "small", 650_000),
            ("size", "large", 550_000),
            ("sector", "trade", 500_000),
            ("sector", "build", 700_000),
        ]
    ]
    return catalogue


@pytest.mark.parametrize("mode", ["always", pytest.param("never", marks=pytest.mark.long)])
def test_results_do_not_depend_on_threads(tmp_path, waves, mode: str) -> None:
    """Bit for bit the same with 1, 2 and 8 threads, with weights in the cell and without, calibrated."""
    found = {}
    for threads in (1, 2, 8):
        folder, variables = tmp_path / f"{mode}{threads}", {"weight_in_cell": mode}
        database = build(folder, raked_catalogue(), waves, "+int_estimates_protected", variables, threads)
        found[threads] = {model: content(database, model) for model in MODELS}
    assert found[1] == found[2] == found[8]
    assert all(found[1].values())


@pytest.mark.parametrize("odd_weight", [10.0, 20.0])
def test_cells_are_those_of_all_columns_and_the_weight(tmp_path, odd_weight: float) -> None:
    """The stratum decides size and weight, until the last respondent of many has another weight."""
    rows = [
        {**row, "size": "small" if row["stratum_id"] < "c" else "large"}
        for row in respondents({stratum: 20 for stratum in "abcd"})
    ]
    rows[-1]["design_weight"] = odd_weight
    models = "+int_response_moments +int_response_cell_weights"
    database = build(tmp_path / "project", plain_catalogue(["one"]), {("test", "one"): rows}, models)
    columns = "stratum_id, sector, size, design_weight, q1"
    counted = pd.DataFrame(rows).groupby(columns.split(", "), dropna=False).size()
    cells = frame(
        database,
        """
        select cells.stratum_id, cells.attributes['sector'] as sector, cells.attributes['size'] as size,
            cells.lowest_weight as design_weight, codes.code as q1, codes.respondents
        from intermediate.int_response_cell_weights as cells
        inner join intermediate.int_response_moments as codes on cells.cell_id = codes.cell_id
        where codes.variable_id = 'q1' and codes.answer_status = 'valid'
        """,
    )
    assert cells.set_index(columns.split(", "))["respondents"].to_dict() == counted.to_dict()


def test_only_the_scan_for_units_tells_them_apart(tmp_path) -> None:
    """A wave with a design by unit and one by respondent is scanned twice; the second has no cell for each unit."""
    catalogue = plain_catalogue(["one"])
    [design] = catalogue["estimation_designs"]
    catalogue["estimation_designs"].append({**design, "design_id": "by_unit", "has_psu": "true"})
    rows = respondents({"a": 20, "b": 20})
    database = build(tmp_path / "project", catalogue, {("test", "one"): rows}, "+int_response_cell_weights")
    cells = frame(
        database,
        """
        select is_by_unit, count(*) as cells, sum(respondents) as respondents
        from intermediate.int_response_cell_weights
        group by is_by_unit order by is_by_unit
        """,
    )
    kinds = pd.DataFrame(rows).groupby(["stratum_id", "size", "sector"]).ngroups
    assert cells["is_by_unit"].to_list() == [False, True]
    assert cells["cells"].to_list() == [kinds, len(rows)]
    assert cells["respondents"].to_list() == [len(rows), len(rows)]


def test_nothing_without_responses(tmp_path) -> None:
    """No response file: every estimation model is built and empty."""
    database = build(tmp_path / "project", plain_catalogue(["one"]), {}, "+int_estimates_protected")
    for model in MODELS:
        assert content(database, model) == []


def test_wilson_interval_where_every_firm_answers_the_same(tmp_path) -> None:
    """A share of 1 has no variance; its interval is Wilson's on the effective sample size, not a point."""
    rows = [{**row, "q1": 1} for row in respondents({"a": 40})]
    database = build(tmp_path / "project", plain_catalogue(["one"]), {("test", "one"): rows}, "+int_estimates")
    total = frame(database, "select * from intermediate.int_estimates where segment = ''").iloc[0]
    quantile = 2.022690920036762
    assert total["estimate"] == 1
    assert total["interval_method"] == "wilson"
    assert total["ci_upper"] == pytest.approx(1, abs=1e-12)
    assert total["ci_lower"] == pytest.approx(40 / (40 + quantile**2), rel=1e-12)


def test_released_tables_say_nothing_about_respondents(tmp_path) -> None:
    """What may leave the build file carries no respondent id, and no count below the threshold."""
    rows = respondents({"a": 60, "b": 3})
    database = build(
        tmp_path / "project", plain_catalogue(["one"]), {("test", "one"): rows}, "+int_estimates_protected"
    )
    released = frame(database, "select * from intermediate.int_estimates_protected")
    text = released.to_csv()
    assert not any(row["respondent_id"] in text for row in rows)
    assert released["respondents"].dropna().min() >= 5


@pytest.mark.parametrize("mode", ["always", "never"])
def test_a_breakdown_by_the_weight_itself(tmp_path, mode: str) -> None:
    """The weight is a column of the cells then, and is summed all the same where it is not part of them."""
    rows = [row | {"design_weight": 5.0 + place % 2} for place, row in enumerate(respondents({"a": 30, "b": 20}))]
    catalogue = plain_catalogue(["one"])
    last = catalogue["estimation_breakdowns"][-1]
    catalogue["estimation_breakdowns"].append(last | {"breakdown_id": "weight", "breakdown_columns": "design_weight"})
    waves = {("test", "one"): rows}
    database = build(tmp_path / "project", catalogue, waves, "+int_estimates", {"weight_in_cell": mode})
    query = "select segment, respondents from intermediate.int_estimates where breakdown_id = 'weight' order by segment"
    assert frame(database, query).to_numpy().tolist() == [["5", 25], ["6", 25]]
