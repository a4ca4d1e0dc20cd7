"""The heads and footers of the response files of a wave: columns, types and, where Parquet keeps them, ranges."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from smv_ai.survey.quoting import literal

WHOLE_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
NUMBER_TYPES = (*WHOLE_TYPES, "FLOAT", "DOUBLE")


@dataclass(frozen=True)
class Head:
    """Types of the columns by name, and lowest and highest value of those without nulls.

    A range is (None, None) where the values are not whole numbers.
    """

    types: dict[str, str]
    ranges: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)


def response_files(files: str) -> str:
    """The files of a pattern as an SQL relation; a column that one of them lacks is null there."""
    return f"read_parquet({literal(files)}, union_by_name = true, hive_partitioning = false)"


def read_head(session: duckdb.DuckDBPyConnection, files: str) -> Head:
    """Read what the files of a pattern say of themselves; no row is read. Raises duckdb.Error."""
    described = session.execute(f"describe select * from {response_files(files)}").fetchall()
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
