"""A survey wave of the tests' own: rows written as Parquet, a description, and the scan of it without dbt."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from smv_ai.survey.columns import columns_of, problems_of
from smv_ai.survey.description import Problem, Reserved, Wave
from smv_ai.survey.engines import SparkSession, dialect_of
from smv_ai.survey.head import read_head
from smv_ai.survey.levels import levelled, needed_levels
from smv_ai.survey.looks import level_keys, seen_of
from smv_ai.survey.rows import rows_of
from smv_ai.survey.scan import Looked, Scan, keys_of, scan_of

RESERVED = Reserved(
    codes={"not_asked": -1, "no_answer": -2, "dont_know": -3},
    numbers={"not_asked": -9000000001, "no_answer": -9000000002, "dont_know": -9000000003},
    highest=-9000000000,
)


def design(number: int, weight: float = 10.0) -> dict:
    """The columns that every response file has, for the respondent of this number."""
    return {
        "respondent_id": f"r{number:05d}",
        "stratum_id": "ab"[number % 2],
        "design_weight": weight,
        "stratum_population_size": 1000.0,
    }


def write(folder: Path, rows: list[dict]) -> str:
    """Write the rows as the one file of a wave; returns the pattern of its files."""
    frame = pd.DataFrame(rows)  # noqa: F841 - read by DuckDB
    with duckdb.connect() as connection:
        connection.execute(f"copy frame to '{folder / 'responses.parquet'}' (format parquet)")
    return str(folder / "*.parquet")


def wave_of(files: str, **description: object) -> Wave:
    """A wave of these files."""
    return Wave("test", "one", "estimated", files, **description)  # type: ignore[arg-type]


def problems(session: duckdb.DuckDBPyConnection, wave: Wave) -> list[Problem]:
    """What is wrong with the wave before a row is read."""
    head = read_head(session, wave.files)
    return problems_of(wave, head, columns_of(wave, head), RESERVED)


def scan(
    session: duckdb.DuckDBPyConnection | SparkSession, wave: Wave, *, by_unit: bool = False, in_cell: bool = True
) -> Scan:
    """The planned scan of a wave without problems."""
    with duckdb.connect() as connection:
        head = read_head(connection, wave.files)
    rows = rows_of(wave, head, columns_of(wave, head), RESERVED, dialect_of(session))
    keys = keys_of(wave, by_unit=by_unit, in_cell=in_cell)
    found = seen_of(session, wave, rows, RESERVED, keys, in_cell=in_cell, finds_leading=in_cell)
    assert found.problems == []
    groups = level_keys(found.leading)
    needed = needed_levels(session, rows, found, groups, RESERVED)
    query, numbers = levelled(rows, found.numbers, needed, groups, RESERVED)
    return scan_of(wave, head, rows, Looked(numbers, found.leading, query), RESERVED, by_unit=by_unit, in_cell=in_cell)


def cells_query(scan: Scan) -> str:
    """The cells of a scan as DuckDB reads them in one statement."""
    return f"with scanned as ({scan.query}) {scan.cells}"


def moments(session: duckdb.DuckDBPyConnection, scan: Scan) -> list[dict]:
    """The cells of a scan taken apart: a dictionary per cell and variable with attributes and moments."""
    found = []
    relation = session.sql(cells_query(scan))
    for values in relation.fetchall():
        cell = dict(zip(relation.columns, values, strict=True))
        for variable, places in scan.places:
            entry = {"stratum_id": cell["stratum_id"], "design_weight": cell["design_weight"], **cell["attributes"]}
            entry |= {"variable": variable.variable_id, "code": variable.code, "status": variable.answer_status}
            for name, place in places.items():
                counted = name in ("respondents", "weighted_respondents")
                values_of = cell["counts" if counted else "largest" if name == "largest_values" else "sums"]
                entry[name] = values_of[place - 1]
            found.append(entry)
    return found
