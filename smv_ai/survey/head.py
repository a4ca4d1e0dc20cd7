"""The heads and footers of the response files of a wave: columns, types and, where Parquet keeps them, ranges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from smv_ai.sql.quoting import literal
from smv_ai.survey.engines import DUCKDB, SparkSession

WHOLE_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
NUMBER_TYPES = (*WHOLE_TYPES, "FLOAT", "DOUBLE")
NESTED_TYPES = re.compile(r"\[|^(STRUCT|MAP|UNION|VARIANT|BLOB|BIT)\b")
COLUMNS = pa.schema(
    [
        ("survey_wave_id", pa.string()),
        ("column_number", pa.int32()),
        ("column_name", pa.string()),
        ("column_type", pa.string()),
        ("has_range", pa.bool_()),
        ("lowest", pa.int64()),
        ("highest", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Head:
    """Types of the columns by name, and lowest and highest value of those without nulls.

    A range is (None, None) where the values are not whole numbers.
    """

    types: dict[str, str]
    ranges: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)


def read_head(session: duckdb.DuckDBPyConnection | SparkSession, files: str) -> Head:
    """Read what the files of a pattern say of themselves; no row is read. Raises duckdb.Error.

    Spark tells no ranges: its scan counts what is no answer instead.
    """
    if isinstance(session, SparkSession):
        return Head(session.types(files))
    described = session.execute(f"describe select * from {DUCKDB.response_files(files)}").fetchall()
    # the statistics of each row group; a value that is no whole number is null
    ranges = session.execute(
        f"""
        select
            path_in_schema,
            case when count(lowest) = count(*) then min(lowest) end as lowest,
            case when count(highest) = count(*) then max(highest) end as highest,
        from (
            select
                path_in_schema,
                stats_null_count,
                try_cast(stats_min_value as bigint) as lowest,
                try_cast(stats_max_value as bigint) as highest,
            from parquet_metadata({literal(files)})
        )
        group by path_in_schema
        having sum(coalesce(stats_null_count, 1)) = 0
        """
    ).fetchall()
    return Head(
        types={name: kind for name, kind, *_ in described},
        ranges={name: (lowest, highest) for name, lowest, highest in ranges},
    )


def heads_of(session: duckdb.DuckDBPyConnection | SparkSession, waves: duckdb.DuckDBPyRelation) -> pa.Table:
    """The heads of the files of all waves (`survey_wave_id`, `files`) as a table of COLUMNS. Raises duckdb.Error."""
    rows = []
    for wave, files in waves.project("survey_wave_id, files").order("survey_wave_id").fetchall():
        head = read_head(session, files)
        for number, (name, kind) in enumerate(head.types.items(), 1):
            lowest, highest = head.ranges.get(name, (None, None))
            rows.append(
                {"survey_wave_id": wave, "column_number": number, "column_name": name, "column_type": kind}
                | {"has_range": name in head.ranges, "lowest": lowest, "highest": highest}
            )
    return pa.Table.from_pylist(rows, COLUMNS)


def head_of(rows: Iterable[Mapping[str, Any]]) -> Head:
    """The head of a wave from its rows of COLUMNS."""
    ordered = sorted(rows, key=lambda row: row["column_number"])
    return Head(
        types={row["column_name"]: row["column_type"] for row in ordered},
        ranges={row["column_name"]: (row["lowest"], row["highest"]) for row in ordered if row["has_range"]},
    )
