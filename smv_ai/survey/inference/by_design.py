"""What models/intermediate/inference holds: tables computed design by design from the models before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import numpy as np
import pyarrow as pa

from smv_ai.survey.engines import Session
from smv_ai.survey.inference import reading
from smv_ai.survey.inference.degrees_of_freedom import Rule, degrees_of_freedom
from smv_ai.survey.inference.differences import Row, Stated, compared, sides_of
from smv_ai.survey.inference.distribution import Distribution, Reading
from smv_ai.survey.inference.independence import Table, tested
from smv_ai.survey.inference.quantiles import Asked, quantiles_by_group
from smv_ai.survey.inference.reading import Group, Relations, Variable, rules_of
from smv_ai.survey.inference.sample import Sample, parts, ranks
from smv_ai.survey.inference.shares import shares_of_totals
from smv_ai.survey.looks import Number
from smv_ai.survey.scan_plan import rows_as_dictionaries

KEYS = {"design_id": pa.string(), "measure_id": pa.string(), "measure_number": pa.int64()}
NUMBER = pa.float64()
RowsOfDesign = Callable[[Sample, list[Variable], list[Group]], Iterator[Row]]
DIFFERENCES = pa.schema(
    {
        **KEYS,
        **dict.fromkeys(
            ["statistic", "comparison_kind", "comparison_id", "family", "breakdown_id", "segment_a", "segment_b"],
            pa.string(),
        ),
        **dict.fromkeys(["segment_number_a", "segment_number_b", "family_size"], pa.int64()),
        **dict.fromkeys(
            [
                "estimate_a",
                "estimate_b",
                "respondents_a",
                "respondents_b",
                "difference",
                "standard_error",
                "degrees_of_freedom",
                "t_statistic",
                "p_value",
                "p_holm",
                "p_bh",
                "ci_lower",
                "ci_upper",
                "mean_ratio",
                "log_ratio",
                "log_standard_error",
                "ratio_standard_error",
                "ratio_t_statistic",
                "ratio_p_value",
                "ratio_ci_lower",
                "ratio_ci_upper",
            ],
            NUMBER,
        ),
    }
)
SHARES = pa.schema(
    {
        **KEYS,
        "breakdown_id": pa.string(),
        "segment": pa.string(),
        "segment_number": pa.int64(),
        **dict.fromkeys(
            ["respondents", "share_of_total", "standard_error", "degrees_of_freedom", "ci_lower", "ci_upper"], NUMBER
        ),
    }
)
TESTS = pa.schema(
    {
        **KEYS,
        "item_id": pa.string(),
        "breakdown_id": pa.string(),
        "test": pa.string(),
        **dict.fromkeys(
            ["statistic", "numerator_degrees_of_freedom", "denominator_degrees_of_freedom", "p_value", "respondents"],
            NUMBER,
        ),
    }
)
QUANTILES = pa.schema(
    {
        **KEYS,
        "breakdown_id": pa.string(),
        "segment": pa.string(),
        "segment_number": pa.int64(),
        "quantile_rule": pa.string(),
        "interval_method": pa.string(),
        **dict.fromkeys(
            ["quantile", "value", "standard_error", "ci_lower", "ci_upper", "degrees_of_freedom", "respondents"], NUMBER
        ),
    }
)
STATED = """
    select design_id, comparison_id, breakdown_id_a, segment_a, breakdown_id_b, segment_b, family
    from comparisons inner join designs on comparisons.breakdown_set_id = designs.breakdown_set_id
    order by design_id, comparison_id
"""
# of the measures of a question on the same rows one is enough, the one that has most codes
CHOSEN = """
    with domain_keys as (
        select
            measure_set_id, measure_id,
            string_agg(column_name || '=' || category, ';' order by column_name, category) as domain_key
        from domains
        group by all
    ),
    asked as (
        select measures.*, coalesce(domain_key, '') as domain_key, count(distinct read_codes.code) as code_count
        from measures
        inner join read_codes on measures.measure_number = read_codes.measure_number
        left join domain_keys
            on measures.measure_set_id = domain_keys.measure_set_id and measures.measure_id = domain_keys.measure_id
        where measures.change_column is null and read_codes.code is not null and measures.denominator_item_id is null
        group by all
    ),
    chosen as (
        select * from asked
        qualify row_number() over (partition by design_id, item_id, domain_key order by code_count desc, measure_id) = 1
    ),
"""
# in a code y is not needed and x is 1, so that only the weights vary: see int_cells_pooled
ATOMS = f"""{CHOSEN}
    placed as (
        select chosen.design_id, chosen.measure_id, chosen.item_id, atoms.*
        from chosen
        inner join read_codes as atoms on chosen.measure_number = atoms.measure_number
        inner join scored on atoms.design_cell = scored.design_cell and atoms.measure_number = scored.measure_number
    )
    select
        design_id, measure_number, measure_id, item_id, design_cell, code, respondents, weighted_respondents,
        sum_d, c_dd,
        0e0 as sum_y, 0e0 as sum_dy, 0e0 as c_dy, 0e0 as c_yy, 0e0 as c_yx, 0e0 as shift,
        cast(respondents as double) as sum_x, sum_d as sum_dx, c_dd as c_dx, c_dd as c_xx
    from placed
    order by design_id, measure_number, design_cell, code
"""
# the cells whose respondents are in the domain of a measure, with an answer or without
DOMAIN_CELLS = f"""{CHOSEN}
    admitted as (
        select measure_set_id, measure_id, column_name, list(category) as categories from domains group by all
    )
    select chosen.design_id, chosen.measure_number, cells.design_cell
    from chosen
    inner join cells on chosen.design_id = cells.design_id
    where not exists (
        from admitted
        where
            admitted.measure_set_id = chosen.measure_set_id
            and admitted.measure_id = chosen.measure_id
            and not coalesce(list_contains(categories, cells.attributes[column_name]), false)
    )
    order by chosen.design_id, chosen.measure_number, cells.design_cell
"""

# numbers are read anew; a coded item has no quantile, which the survey file's check says
WANTED = """
    select
        measures.design_id, measures.measure_number, measures.item_id, items.column_name, designs.survey_wave_id,
        coalesce(designs.has_psu, false) as has_psu, designs.beta_rows, quantile, quantile_rule,
        quantiles.interval_method
    from quantiles
    inner join measures
        on quantiles.measure_set_id = measures.measure_set_id and quantiles.measure_id = measures.measure_id
    inner join designs on measures.design_id = designs.design_id
    inner join items on designs.survey_wave_id = items.survey_wave_id and measures.item_id = items.item_id
    where designs.change_column is null
    order by measures.design_id, measures.measure_number, quantile
"""
CELL_NUMBERS = """
    select design_id, design_cell, cell_id, coalesce(sum_d / nullif(respondents, 0), 0.0) as design_weight
    from cells
    order by design_id, design_cell
"""


def differences(connection: duckdb.DuckDBPyConnection, relations: Relations) -> pa.Table:
    """The schema DIFFERENCES: every measure, every pair of groups that sides_of gives."""
    rules = rules_of(connection, relations)
    stated = reading.by_design(reading.rows_of(connection, STATED, relations))

    def rows(sample: Sample, variables: list[Variable], groups: list[Group]) -> Iterator[Row]:
        sides = sides_of(sample, groups, _stated(stated.get(sample.design_id)))
        return compared(sample, variables, sides, rules[sample.design_id])

    return pa.Table.from_pylist(list(_by_design(connection, relations, rows)), DIFFERENCES)


def shares(connection: duckdb.DuckDBPyConnection, relations: Relations) -> pa.Table:
    """The schema SHARES: every total and group."""
    rules = rules_of(connection, relations)

    def rows(sample: Sample, variables: list[Variable], groups: list[Group]) -> Iterator[Row]:
        return shares_of_totals(sample, variables, groups, rules[sample.design_id])

    return pa.Table.from_pylist(list(_by_design(connection, relations, rows)), SHARES)


def independence_tests(connection: duckdb.DuckDBPyConnection, relations: Relations) -> pa.Table:
    """The schema TESTS: every question with codes by every breakdown with one column."""
    samples = reading.samples(reading.rows_of(connection, reading.SAMPLES, relations))
    segments = reading.by_design(reading.rows_of(connection, reading.SEGMENTS, relations))
    domains = reading.by_design(reading.rows_of(connection, DOMAIN_CELLS, relations))
    rows: list[Row] = []
    for (design_id,), atoms in parts(reading.rows_of(connection, ATOMS, relations), "design_id"):
        if design_id not in segments:
            continue
        sample = samples[design_id]
        groups = [group for group in reading.groups(segments[design_id], sample) if group.column_count == 1]
        cells = {number: part["design_cell"] for (number,), part in parts(domains[design_id], "measure_number")}
        for (number,), part in parts(atoms, "measure_number"):
            taken = [group for group in groups if group.takes(part["item_id"][0])]
            rows += _tests_of_question(sample, taken, sample.places(cells[number]), part)
    return pa.Table.from_pylist(rows, TESTS)


def quantiles(connection: duckdb.DuckDBPyConnection, reader: Session, relations: Relations) -> pa.Table:
    """The schema QUANTILES: every quantile that a survey asks for, in every segment. `reader` reads the responses."""
    wanted = reading.by_design(reading.rows_of(connection, WANTED, relations))
    if not wanted:
        return QUANTILES.empty_table()
    rules = rules_of(connection, relations)
    numbers = reading.by_design(reading.rows_of(connection, CELL_NUMBERS, relations))
    scans = {(row["survey_wave_id"], row["is_by_unit"]): row for row in rows_as_dictionaries(relations["scans"])}
    with_ids = {
        (row["survey_wave_id"], row["item_id"]) for row in _dictionaries(wanted) if row["quantile_rule"] == "hf7"
    }
    read: dict[tuple[str, bool, str], Distribution] = {}

    def rows(sample: Sample, variables: list[Variable], groups: list[Group]) -> Iterator[Row]:
        if sample.design_id not in wanted:
            return
        by_measure = {number: part for (number,), part in parts(wanted[sample.design_id], "measure_number")}
        cells = numbers[sample.design_id]
        for variable in variables:
            if variable.measure_number not in by_measure:
                continue
            asked = by_measure[variable.measure_number]
            wave_id, has_psu, item_id = (
                str(asked["survey_wave_id"][0]),
                bool(asked["has_psu"][0]),
                str(asked["item_id"][0]),
            )
            key = (wave_id, has_psu, item_id)
            if key not in read:
                place = (str(asked["column_name"][0]), wave_id, item_id)
                is_hf7 = (wave_id, item_id) in with_ids
                read[key] = _distribution(reader, scans[wave_id, has_psu], place, cells, variable, is_hf7=is_hf7)
            yield from quantiles_by_group(
                sample, variable, groups, read[key], cells["cell_id"], _asked(asked), rules[sample.design_id]
            )

    return pa.Table.from_pylist(list(_by_design(connection, relations, rows)), QUANTILES)


def _asked(rows: reading.Table) -> list[Asked]:
    columns = (rows[name] for name in ("quantile", "quantile_rule", "interval_method"))
    beta_rows = rows["beta_rows"][0] == "design"
    return [Asked(float(p), rule, interval, beta_rows) for p, rule, interval in zip(*columns, strict=True)]


def _dictionaries(tables: dict[str, reading.Table]) -> Iterator[Row]:
    for table in tables.values():
        for values in zip(*table.values(), strict=True):
            yield dict(zip(table, values, strict=True))


def _distribution(
    reader: Session, scan: Row, place: tuple[str, str, str], cells: reading.Table, variable: Variable, *, is_hf7: bool
) -> Distribution:
    column, _, item_id = place
    names, conditions = scan["column_names"], scan["conditions"]
    exponent = scan["weight_exponent"]
    weight = None if exponent is None else Number(names["design_weight"], 0.0, int(exponent))
    where = Reading(
        scan["rows_query"],
        tuple(scan["cell_keys"]),
        names[column],
        conditions[f"number {item_id}"],
        names["respondent_id"],
        weight,
    )
    weight_of_cell = np.zeros(int(cells["cell_id"].max()) + 1)
    weight_of_cell[cells["cell_id"]] = cells["design_weight"]
    respondents = int(variable.sums.n.sum())
    size = float(np.abs(variable.sums.raw_y).sum() / max(respondents, 1)) or 1.0
    return Distribution(reader, where, weight_of_cell, respondents, size=size, with_ids=is_hf7)


def _tests_of_question(sample: Sample, groups: list[Group], domain: np.ndarray, atoms: reading.Table) -> Iterator[Row]:
    rows_in_domain = np.zeros(len(sample.n))
    # with calibrated weights the variance is that of the whole sample
    domain_n = sample.n if sample.calibration is not None else sample.n[domain]
    rows_in_domain[domain] = sample.weighted[domain]
    degrees = degrees_of_freedom(Rule("segment", 0.95), sample, rows_in_domain[None, :], 0.0)[0]
    for breakdown in dict.fromkeys(group.breakdown_id for group in groups):
        column_of_cell = np.full(len(sample.n), -1)
        for place, group in enumerate(one for one in groups if one.breakdown_id == breakdown):
            column_of_cell[group.cells] = place
        column = column_of_cell[sample.places(atoms["design_cell"])]
        kept = (column >= 0) & _has_weight(sample, atoms, column)
        part = {name: values[kept] for name, values in atoms.items()}
        if not kept.any():
            continue
        measure = reading.measure(part, sample)
        table = Table(measure, ranks(part["code"]), ranks(column[kept]), float(domain_n.sum()), float(degrees))
        for test, statistic, numerator, denominator, p_value in tested(sample, table):
            yield {
                "design_id": sample.design_id,
                "measure_id": str(atoms["measure_id"][0]),
                "measure_number": int(atoms["measure_number"][0]),
                "item_id": str(atoms["item_id"][0]),
                "breakdown_id": breakdown,
                "test": test,
                "statistic": statistic,
                "numerator_degrees_of_freedom": numerator,
                "denominator_degrees_of_freedom": denominator,
                "p_value": p_value,
                "respondents": float(measure.n.sum()),
            }


def _has_weight(sample: Sample, atoms: reading.Table, column: np.ndarray) -> np.ndarray:
    """An answer or a group of weight 0 has no row or column in the table."""
    weight = sample.factor[sample.places(atoms["design_cell"])] * atoms["sum_d"] * (column >= 0)
    code = ranks(atoms["code"])
    by_code = np.bincount(code, weights=weight) != 0
    by_column = np.bincount(column + 1, weights=weight) != 0
    return by_code[code] & by_column[column + 1]


def _by_design(
    connection: duckdb.DuckDBPyConnection, relations: Relations, rows_of_design: RowsOfDesign
) -> Iterator[Row]:
    segments = reading.by_design(reading.rows_of(connection, reading.SEGMENTS, relations))
    measures = reading.by_design(reading.rows_of(connection, reading.MEASURES, relations))
    for design_id, sample in reading.samples(reading.rows_of(connection, reading.SAMPLES, relations)).items():
        if design_id in measures and design_id in segments and not sample.is_change:
            variables = list(reading.variables(measures[design_id], sample))
            groups = reading.groups(segments[design_id], sample)
            for part, own_groups in reading.together(variables, groups):
                yield from rows_of_design(sample, part, own_groups)


def _stated(rows: reading.Table | None) -> list[Stated]:
    if rows is None:
        return []
    names = ("comparison_id", "breakdown_id_a", "segment_a", "breakdown_id_b", "segment_b", "family")
    return [
        Stated(name, (a, x), (b, y), family) for name, a, x, b, y, family in zip(*(rows[n] for n in names), strict=True)
    ]
