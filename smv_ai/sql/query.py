"""`smv-ai sql`: one statement on a release, in the sandbox of the SQL page, printed as a table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smv_ai.errors import BadInputError, SystemStateError
from smv_ai.sql.sandbox import LIMITS, MEBIBYTE, Limits, StatementError, run_statement

if TYPE_CHECKING:
    import pyarrow

MOST_ROWS_SHOWN = 1000
# Time and memory are those of the SQL page; a file may hold more than a page shows.
COMMAND = replace(LIMITS, rows=100_000, result_bytes=64 * MEBIBYTE, characters=100_000)
# What one who waits at the command line may lift. The rest of the sandbox stays, and so does a limit of memory.
ENDLESS = 2**62
UNLIMITED = Limits(
    seconds=None, rows=ENDLESS, result_bytes=ENDLESS, characters=ENDLESS,
    duckdb_bytes=2048 * MEBIBYTE, process_bytes=8192 * MEBIBYTE,
)  # fmt: skip
NOT_STARTED = (
    "The process of the query could not be started: this machine gives it too little memory, or too few processes or "
    "open files."
)
WAY_OUT = "ask for less, or lift the limits of time and rows with --no-limit"


def run_query(database: Path, sql: str, form: str, *, no_limit: bool = False) -> str:
    """The result of a statement as text; `form` is table, csv or json.

    The statement reads this database of a release and nothing else: no files, no network, no extensions, no settings.
    A table shows the first rows and says so; a file is whole or refused.
    Raises BadInputError with the reason where there is no result, NoReleaseError where the release is not fit to read,
    SystemStateError where the machine has no room for the query.
    """
    limits = UNLIMITED if no_limit else COMMAND
    if form == "table" and not no_limit:
        limits = replace(limits, rows=MOST_ROWS_SHOWN)
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise BadInputError(f"The query failed: character {error.start + 1} is no text in UTF-8.") from error
    try:
        answer = run_statement(database, sql, limits, to_print=True)
    except StatementError as error:
        if error.reason == "machine":
            raise SystemStateError(NOT_STARTED) from error
        raise BadInputError(f"The query failed: {_why(error, limits)}") from error
    if form == "table":
        return _table(answer.table, is_cut=answer.is_cut)
    if answer.is_cut:
        raise BadInputError(
            f"The query failed: it gives more than {limits.rows:,} rows or {limits.result_bytes // MEBIBYTE} MiB; "
            f"{WAY_OUT}."
        )
    names, rows = answer.table.column_names, _rows(answer.table)
    if form == "json":
        found = [{name: _json_value(value) for name, value in zip(names, row, strict=True)} for row in rows]
        return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([names, *rows])
    return text.getvalue().rstrip("\n")


def _why(error: StatementError, limits: Limits) -> str:
    """A reason of the sandbox as a sentence that says what to do."""
    return {
        "empty": "there is no statement.",
        "many": "there is more than one statement; give one.",
        "kind": "only one that reads can be run (SELECT, FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE, SHOW).",
        "long": f"it is longer than {limits.characters:,} characters; {WAY_OUT}.",
        "wrong": error.message,
        "time": f"it took longer than {limits.seconds} seconds; {WAY_OUT}.",
        "memory": f"it needs more than {limits.duckdb_bytes // MEBIBYTE} MiB of memory; ask for less.",
        "crash": "its process was ended (nested too deeply, too long, or more memory than it may have); ask for less.",
    }[error.reason]


def _rows(table: pyarrow.Table) -> list[tuple[Any, ...]]:
    """The rows as Python values; whole numbers wider than 64 bits come as decimals without a fraction."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _json_value(value: Any) -> Any:
    """A value that JSON has: not-a-number and the infinities are null, decimals are numbers."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _table(rows: pyarrow.Table, *, is_cut: bool) -> str:
    """Columns in line, numbers to the right, nothing cut off; a last line where rows are left out."""
    from pyarrow import types

    names = rows.column_names
    numbers = [
        types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) for kind in rows.schema.types
    ]
    cells = [["" if value is None else str(value) for value in row] for row in _rows(rows)]
    widths = [max(map(len, column)) for column in zip(names, *cells, strict=True)]
    table = [names, ["-" * width for width in widths], *cells]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        for row in table
    ]
    if is_cut:
        lines.append(f"... the first {len(cells)} rows; use --format csv for all")
    return "\n".join(lines)
