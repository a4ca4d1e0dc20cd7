"""What the dbt models `int_response_scans` and `int_response_cells` do: plan the scans of all waves, and run them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from smv_ai.survey import catalogue
from smv_ai.survey.columns import columns_of, problems_of, routed_items
from smv_ai.survey.description import Problem, Reserved, Wave
from smv_ai.survey.engines import Session, SparkSession, dialect_of
from smv_ai.survey.head import Head, head_of
from smv_ai.survey.levels import levelled, needed_levels
from smv_ai.survey.looks import (
    is_misrouted,
    is_unknown,
    is_valid_number,
    is_weight_in_cell,
    level_keys,
    seen_of,
    suspects_of,
)
from smv_ai.survey.rows import Rows, rows_of
from smv_ai.survey.scan import MOMENTS, Looked, Scan, keys_of, scan_of
from smv_ai.survey.trimming import CannotTrim, trimmed

PROBLEM = pa.struct([(name, pa.string()) for name in ("rule", "finding", "condition", "subject", "category")])
VARIABLE = pa.struct(
    [
        ("variable_id", pa.string()),
        ("code", pa.int32()),
        ("answer_status", pa.string()),
        ("is_number", pa.bool_()),
        ("is_ratio", pa.bool_()),
        ("shift_y", pa.float64()),
        ("shift_x", pa.float64()),
        ("shift_y_place", pa.int32()),
        ("shift_x_place", pa.int32()),
        ("places", pa.struct([(name, pa.int32()) for name in MOMENTS])),
    ]
)
TEXTS = pa.map_(pa.string(), pa.string())
SCANS = pa.schema(
    [
        ("survey_id", pa.string()),
        ("survey_wave_id", pa.string()),
        ("evidence_type", pa.string()),
        ("is_by_unit", pa.bool_()),
        ("is_weight_in_cell", pa.bool_()),
        ("query", pa.string()),
        ("cells", pa.string()),
        ("variables", pa.list_(VARIABLE)),
        ("suspects", pa.map_(pa.string(), pa.int64())),
        ("problems", pa.list_(PROBLEM)),
        ("rows_query", pa.string()),
        ("cell_keys", pa.list_(pa.string())),
        ("weight_exponent", pa.int32()),
        ("column_names", TEXTS),
        ("column_texts", TEXTS),
        ("item_texts", TEXTS),
        ("conditions", TEXTS),
    ]
)
# The cells of no wave: what dbt makes where there are no responses.
NO_CELLS = """
    select
        cast(null as varchar) as survey_id, cast(null as varchar) as survey_wave_id,
        cast(null as boolean) as is_by_unit, cast(null as bigint) as cell_id,
        cast(null as varchar) as stratum_id, cast(null as varchar) as psu_id,
        cast(null as double) as stratum_population_size, cast(null as double) as design_weight,
        cast(null as bigint) as weights_present, cast(null as double) as lowest_weight,
        cast(null as map(varchar, varchar)) as attributes,
        cast(null as bigint[]) as counts, cast(null as double[]) as sums, cast(null as double[]) as shifts,
        cast(null as double[][]) as largest
    where false
"""


def rows_as_dictionaries(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    """The rows of a small relation by column name."""
    names = relation.columns
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def planned_scans(
    session: Session,
    relations: Mapping[str, duckdb.DuckDBPyRelation],
    reserved: Reserved,
    weight_in_cell: str,
) -> pa.Table:
    """A row per scan of a wave (see the schema SCANS); a wave with problems has one row without a query.

    `session` is that of the engine that reads the rows; `relations` are `columns` (the heads of the
    files) and those that `catalogue.waves` reads; `weight_in_cell` is auto, always or never. Raises duckdb.Error where
    a file cannot be read.
    """
    tables = {name: rows_as_dictionaries(relation) for name, relation in relations.items()}
    columns: dict[str, list[dict[str, Any]]] = {}
    for column in tables["columns"]:
        columns.setdefault(column["survey_wave_id"], []).append(column)
    planned = [
        row
        for wave in catalogue.waves(tables)
        for row in _planned_wave(session, wave, head_of(columns[wave.survey_wave_id]), reserved, weight_in_cell)
    ]
    return pa.Table.from_pylist(planned, SCANS)


def _planned_wave(
    session: Session, wave: Wave, head: Head, reserved: Reserved, weight_in_cell: str
) -> list[dict[str, Any]]:
    columns = columns_of(wave, head)
    problems = problems_of(wave, head, columns, reserved)
    row: dict[str, Any] = {
        "survey_id": wave.survey_id,
        "survey_wave_id": wave.survey_wave_id,
        "evidence_type": wave.evidence_type,
    }
    if problems:
        return [row | {"problems": [vars(problem) for problem in problems]}]
    rows = rows_of(wave, head, columns, reserved, dialect_of(session))
    try:
        rows = trimmed_rows(session, wave, rows)
    except CannotTrim:
        text = "no design weight lies within the limits that the weights are trimmed to"
        return [row | {"problems": [vars(Problem("weights_trimmed", text))]}]
    items = {item.item_id: item for item in wave.items}
    conditions = {
        f"unknown {name}": is_unknown(item, rows.names[item.column], reserved) for name, item in items.items()
    }
    conditions |= {f"misrouted {item.item_id}": is_misrouted(item, rows, reserved) for item in routed_items(wave, head)}
    conditions |= {
        f"number {item.item_id}": is_valid_number(rows.names[item.column], reserved)
        for item in wave.items
        if item.kind == "number"
    }
    row |= {
        "rows_query": rows.query,
        "column_names": list(rows.names.items()),
        "column_texts": [(name, rows.as_text(name)) for name in rows.names],
        "item_texts": [(name, rows.as_text(item.column)) for name, item in items.items()],
        "conditions": list(conditions.items()),
    }
    planned = [
        _planned_scan(session, wave, head, rows, reserved, weight_in_cell, by_unit=by_unit) for by_unit in wave.by_unit
    ]
    scans = [one for one in planned if isinstance(one, Scan)]
    if len(scans) < len(planned):
        found = dict.fromkeys(problem for one in planned if isinstance(one, list) for problem in one)
        return [row | {"problems": [vars(problem) for problem in found]}]
    suspects = list(suspects_of(session, wave, rows).items())
    return [row | _as_row(scan) | {"suspects": suspects, "problems": []} for scan in scans]


def _planned_scan(
    session: Session, wave: Wave, head: Head, rows: Rows, reserved: Reserved, weight_in_cell: str, *, by_unit: bool
) -> Scan | list[Problem]:
    """The scan by what is seen of the rows, or what is wrong with them."""
    in_cell = (
        wave.by_respondent or is_weight_in_cell(session, wave, rows, by_unit=by_unit)
        if weight_in_cell == "auto"
        else weight_in_cell == "always"
    )
    # sampling units and weights of single rows make many cells, of which no column fixes another
    finds_leading = in_cell and not by_unit and not wave.by_respondent
    keys = keys_of(wave, by_unit=by_unit, in_cell=in_cell)
    seen = seen_of(session, wave, rows, reserved, keys, in_cell=in_cell, finds_leading=finds_leading)
    if seen.problems:
        return seen.problems
    groups = level_keys(seen.leading)
    needed = needed_levels(session, rows, seen, groups, reserved)
    query, numbers = levelled(rows, seen.numbers, needed, groups, reserved)
    looked = Looked(numbers, seen.leading, query)
    return scan_of(wave, head, rows, looked, reserved, by_unit=by_unit, in_cell=in_cell)


def trimmed_rows(session: Session, wave: Wave, rows: Rows) -> Rows:
    """The rows with a column more where weights are trimmed, which is the design weight from here on.

    Raises CannotTrim.
    """
    if not wave.trims:
        return rows
    weight = rows.names["design_weight"]
    found = session.execute(
        f"select {weight}, count(*) from ({rows.query}) as answers"
        f" where {weight} is not null group by {weight} order by {weight}"
    ).fetchall()
    name = f"c{len(rows.types)}"
    # a weight that is not finite is named by the rule about numbers
    is_finite = all(math.isfinite(value) for value, _ in found)
    value = trimmed(weight, found, wave.trims[0]) if found and is_finite else weight
    return Rows(
        f"select *, {value} as {name} from ({rows.query}) as answers",
        rows.names | {"design_weight": name},
        rows.types | {name: "DOUBLE"},
        rows.dialect,
    )


def _as_row(scan: Scan) -> dict[str, Any]:
    return {
        "is_by_unit": scan.by_unit,
        "is_weight_in_cell": scan.in_cell,
        "query": scan.query,
        "cells": scan.cells,
        "variables": [
            {
                "variable_id": variable.variable_id,
                "code": variable.code,
                "answer_status": variable.answer_status,
                "is_number": variable.y is not None,
                "is_ratio": variable.x is not None,
                "shift_y": variable.y.shift if variable.y else 0.0,
                "shift_x": variable.x.shift if variable.x else 0.0,
                "shift_y_place": scan.shift_place(variable.y),
                "shift_x_place": scan.shift_place(variable.x),
                "places": places,
            }
            for variable, places in scan.places
        ],
        "cell_keys": scan.cell_keys,
        "weight_exponent": scan.weight_exponent,
    }


def scanned_cells(
    session: duckdb.DuckDBPyConnection, reader: Session, scans: duckdb.DuckDBPyRelation
) -> duckdb.DuckDBPyRelation:
    """A row a cell of every planned scan. DuckDB reads them all in one statement; Spark gives back scan by scan."""
    cells = [NO_CELLS]
    for number, (query, columns) in enumerate(scans.project("query, cells").filter("query is not null").fetchall()):
        if isinstance(reader, SparkSession):
            session.register(f"scanned_{number}", reader.table(query))
            query = f"select * from scanned_{number}"
        cells.append(f"with scanned as ({query}) {columns}")
    return session.sql(" union all ".join(f"({one})" for one in cells))
