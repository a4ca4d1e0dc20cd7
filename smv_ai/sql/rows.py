"""What a statement that gives exactly one row gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


def only_row(found: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """The row of a result that has one by its nature (a count, a setting); LookupError where there is none."""
    row = found.fetchone()
    if row is None:
        raise LookupError("the statement gave no row")
    return row
