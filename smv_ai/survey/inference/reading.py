"""Samples, measures and groups from the models of dbt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smv_ai.survey.inference.degrees_of_freedom import Rule
from smv_ai.survey.inference.replicates import Replicates, jackknife
from smv_ai.survey.inference.sample import Calibration, Measure, Numbers, Places, Sample, evened, parts, ranks

Relations = dict[str, duckdb.DuckDBPyRelation]
Table = dict[str, NDArray[Any]]

SAMPLES = """
    with columns as (
        select
            replicate_set_id,
            list(column_name order by column_name) as column_names,
            list(rscale order by column_name) as rscales
        from replicate_weights
        group by replicate_set_id
    )
    select
        cells.design_id, cells.design_cell, strata.stratum_number, cells.psu_id, cells.respondents,
        case when cells.calibration_factor <> 0 then cells.weighted_respondents else 0 end as weighted_respondents,
        cells.calibration_factor, cells.sum_d, cells.c_dd, cells.calibration_cell, cells.category_numbers,
        cells.total_values,
        cells.change_sign, designs.change_column is not null as is_change, strata.stratum_population_size,
        sets.source as replicate_source, sets.scale as replicate_scale, sets.is_combined, sets.is_mse, columns.rscales,
        list_transform(
            coalesce(columns.column_names, []), lambda column_name: try_cast(cells.attributes[column_name] as double)
        ) as replicate_values,
        case when cells.calibration_id is not null then cells.residual_weights end as residual_weights,
        strata.variance_scale, strata.mean_factor, strata.unit_count, designs.lonely_stratum
    from cells
    inner join strata on cells.stratum_number = strata.stratum_number
    inner join designs on cells.design_id = designs.design_id
    left join replicate_sets as sets on designs.replicate_set_id = sets.replicate_set_id
    left join columns on designs.replicate_set_id = columns.replicate_set_id
    order by cells.design_id, cells.design_cell
"""
# the sums of a cell are counted from a shift of its own; a mean as a whole from the smallest shift of a side of the
# measure, others from 0: see int_estimate_cells
MEASURES = """
    select
        scored.* exclude (largest_values), measures.design_id, measures.measure_id, measures.statistic,
        measures.item_id,
        measures.denominator_item_id is not null as is_ratio,
        case
            when measures.statistic = 'mean'
                then min(shift_y) over (partition by scored.measure_number, cells.change_sign)
            else 0
        end as shift
    from scored
    inner join measures on scored.measure_number = measures.measure_number
    inner join cells on scored.design_cell = cells.design_cell
    order by design_id, measure_number, design_cell
"""
SEGMENTS = """
    select design_id, breakdown_id, segment_number, segment, categories, design_cell, items
    from segments
    order by design_id, breakdown_id, segment_number, design_cell
"""


@dataclass(frozen=True)
class Variable:
    """A measure of a design with what it is called.

    Numbers are counted from one shift in `sums`, and from that of each cell in `own_sums`, which keep what tells them
    apart where cells lie far from each other.
    """

    measure_id: str
    measure_number: int
    statistic: str
    item_id: str | None
    sums: Measure
    own_sums: Measure

    @property
    def is_total(self) -> bool:
        """Whether it is a sum, not a mean or a ratio."""
        return self.statistic in ("total", "population")


@dataclass(frozen=True)
class Group:
    """A segment of a breakdown: the places of its cells in the sample; `items` where it is of some items alone."""

    breakdown_id: str
    segment_number: int
    segment: str
    categories: tuple[str, ...]
    cells: Places
    items: frozenset[str] | None = None

    def takes(self, item_id: str | None) -> bool:
        """Whether an item is broken down by it."""
        return self.items is None or item_id in self.items

    @property
    def column_count(self) -> int:
        """The columns of the breakdown."""
        return len(self.categories)


def rows_of(connection: duckdb.DuckDBPyConnection, query: str, relations: Relations) -> Table:
    """The rows of a query over the relations, an array a column (None where a text is missing)."""
    names = ", ".join(f"{name} as ({relation.sql_query()})" for name, relation in relations.items())
    body = query.strip()
    merged = f"with {names}, {body[5:]}" if body.startswith("with ") else f"with {names} {body}"
    found = connection.sql(merged).to_arrow_table()
    return {name: _plain(column) for name, column in zip(found.column_names, found.columns, strict=True)}


def _plain(column: pa.ChunkedArray) -> NDArray[Any]:
    if pa.types.is_integer(column.type) and not column.null_count:
        return column.to_numpy()
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column.cast(pa.float64()).to_numpy()
    if pa.types.is_string(column.type):  # each text once: thousands of rows have the same
        texts = column.combine_chunks().dictionary_encode()
        known = np.array([*texts.dictionary.to_pylist(), None], dtype=object)
        return known[texts.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
    plain = np.empty(len(column), dtype=object)
    plain[:] = column.to_pylist()
    return plain


def samples(table: Table) -> dict[str, Sample]:
    """The sample of each design."""
    return {str(key[0]): _sample(str(key[0]), rows) for key, rows in parts(table, "design_id")}


def _sample(design_id: str, rows: Table) -> Sample:
    first, stratum = np.unique(rows["stratum_number"], return_index=True, return_inverse=True)[1:]
    has_units = rows["psu_id"][0] is not None
    factor, n = rows["calibration_factor"].astype(float), rows["respondents"].astype(float)
    unit = ranks(np.array([f"{s}|{u}" for s, u in zip(stratum, rows["psu_id"], strict=True)])) if has_units else None
    units = rows["unit_count"][first].astype(float)
    n_of_stratum = rows["stratum_population_size"][first].astype(float)
    sum_w = factor * rows["sum_d"]
    return Sample(
        replicates=_replicates(rows, sum_w, stratum.astype(np.int64), unit, units, n_of_stratum),
        design_id=design_id,
        number=rows["design_cell"].astype(np.int64),
        stratum=stratum.astype(np.int64),
        unit=unit,
        n=n,
        weighted=rows["weighted_respondents"].astype(float),
        factor=factor,
        sum_w=sum_w,
        sum_ww=factor**2 * (rows["c_dd"] + rows["sum_d"] ** 2 / n),
        scale=rows["variance_scale"][first].astype(float),
        mean_factor=rows["mean_factor"][first].astype(float),
        units=units,
        is_lonely=units == 1,
        lonely_rule=str(rows["lonely_stratum"][0]),
        sign=rows["change_sign"].astype(float),
        is_change=bool(rows["is_change"][0]),
        calibration=_calibration(rows),
    )


def _replicates(
    rows: Table, weights: Numbers, stratum: Places, unit: Places | None, units: Numbers, population: Numbers
) -> Replicates | None:
    if rows["replicate_source"][0] is None:
        return None
    if rows["replicate_source"][0] == "jackknife":
        left = np.where(np.isnan(population), 1.0, (population - units) / population)
        one_each = np.arange(len(weights)) if unit is None else unit
        return jackknife(weights, stratum, one_each, units, left, is_mse=bool(rows["is_mse"][0]))
    values = np.array(rows["replicate_values"].tolist(), dtype=float)
    combined = values if rows["is_combined"][0] else values * weights[:, None]
    rscales = np.array(rows["rscales"][0], dtype=float)
    return Replicates(combined, rscales, float(rows["replicate_scale"][0]), bool(rows["is_mse"][0]))


def _calibration(rows: Table) -> Calibration | None:
    if rows["residual_weights"][0] is None:
        return None
    numbers, first, cell = np.unique(rows["calibration_cell"], return_index=True, return_inverse=True)
    categories = [np.asarray(rows["category_numbers"][place], dtype=np.int64) - 1 for place in first]
    totals = np.array([rows["total_values"][place] for place in first], dtype=float).reshape(len(first), -1)
    indicators = np.zeros((len(numbers), max((int(part.max(initial=-1)) for part in categories), default=-1) + 1))
    for place, part in enumerate(categories):
        indicators[place, part] = 1.0
    # of a size with the indicators, so that the regression is well conditioned
    indicators = np.hstack([indicators, totals / np.where(totals == 0, 1.0, np.abs(totals)).max(axis=0, initial=1.0)])
    is_weighted = rows["residual_weights"][0] == "base"
    weights = np.bincount(cell, rows["sum_d" if is_weighted else "respondents"], len(numbers)).astype(np.float64)
    return Calibration(cell.astype(np.int64), indicators, weights, is_weighted)


def variables(table: Table, sample: Sample) -> Iterator[Variable]:
    """The measures of one design."""
    for (number,), rows in parts(table, "measure_number"):
        item, own_sums = rows["item_id"][0], measure(rows, sample)
        yield Variable(
            str(rows["measure_id"][0]),
            int(number),
            str(rows["statistic"][0]),
            None if item is None else str(item),
            evened(own_sums),
            own_sums,
        )


def measure(rows: Table, sample: Sample) -> Measure:
    """The sums of a measure from the rows of its cells."""
    place = sample.places(rows["design_cell"])
    f, n, d = sample.factor[place], rows["respondents"].astype(float), rows["sum_d"].astype(float)
    by_weight = sample.calibration is None or sample.calibration.is_weighted
    return Measure(
        place=place,
        n=n,
        weighted=np.where(f != 0, rows["weighted_respondents"].astype(float), 0.0),
        sum_wy=f * rows["sum_dy"],
        sum_wx=f * rows["sum_dx"],
        c_yy=f**2 * rows["c_yy"],
        c_yx=f**2 * rows["c_yx"],
        c_xx=f**2 * rows["c_xx"],
        sum_ww=f**2 * (rows["c_dd"] + d**2 / n),
        sum_wwy=f**2 * (rows["c_dy"] + d * rows["sum_dy"] / n),
        sum_wwx=f**2 * (rows["c_dx"] + d * rows["sum_dx"] / n),
        fit_y=rows["sum_dy" if by_weight else "sum_y"].astype(float),
        fit_x=rows["sum_dx" if by_weight else "sum_x"].astype(float),
        raw_y=rows["sum_y"].astype(float),
        raw_x=rows["sum_x"].astype(float),
        shift=float(rows["shift"][0]),
        offset=rows["shift_y"] - rows["shift"] if "shift_y" in rows else np.zeros(len(place)),
    )


def groups(table: Table, sample: Sample) -> list[Group]:
    """The segments of one design."""
    return [
        Group(
            str(breakdown),
            int(number),
            str(rows["segment"][0]),
            tuple(rows["categories"][0]),
            sample.places(rows["design_cell"]),
            None if rows["items"][0] is None else frozenset(rows["items"][0]),
        )
        for (breakdown, number), rows in parts(table, "breakdown_id", "segment_number")
    ]


def together(variables: list[Variable], groups: list[Group]) -> Iterator[tuple[list[Variable], list[Group]]]:
    """Variables with the groups that they are broken down by, those of the same groups together."""
    found: dict[tuple[bool, ...], list[Variable]] = {}
    for variable in variables:
        found.setdefault(tuple(group.takes(variable.item_id) for group in groups), []).append(variable)
    for taken, part in found.items():
        yield part, [group for group, is_taken in zip(groups, taken, strict=True) if is_taken]


RULES = "select design_id, degrees_of_freedom_rule, interval_level, beta_rows is not null as has_beta from designs"


def rules_of(connection: duckdb.DuckDBPyConnection, relations: Relations) -> dict[str, Rule]:
    """How the intervals of each design are made."""
    table = rows_of(connection, RULES, relations)
    columns = (table[name] for name in ("design_id", "degrees_of_freedom_rule", "interval_level", "has_beta"))
    return {
        design_id: Rule(rule, float(level), bool(has_beta))
        for design_id, rule, level, has_beta in zip(*columns, strict=True)
    }


def by_design(table: Table) -> dict[str, Table]:
    """The parts of a table by design."""
    return {str(key[0]): rows for key, rows in parts(table, "design_id")}
