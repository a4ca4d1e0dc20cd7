"""`smv-ai sql`: one read-only query on a release, printed as a table, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json

import duckdb

from smv_ai.errors import BadInputError
from smv_ai.release import quoted
from smv_ai.releases import Release

MOST_ROWS_SHOWN = 1000


def run_query(release: Release, sql: str, form: str) -> str:
    """The result of a query as text; `form` is table, csv or json.

    The connection reads this release and nothing else: no files, no extensions, no settings.
    Raises BadInputError with DuckDB's message where the query is wrong.
    """
    with duckdb.connect() as connection:  # an instance of its own: its settings reach no other reader of the process
        connection.execute(f"attach {quoted(str(release.database))} as smv_ai (read_only)")
        connection.execute("use smv_ai.marts; set enable_external_access = false; set lock_configuration = true")
        try:
            result = connection.sql(sql)
            if result is None:
                return ""
            if form == "table":
                return _table(result)
            names, rows = result.columns, result.fetchall()
        except duckdb.Error as error:
            raise BadInputError(f"The query failed: {error}") from error
    if form == "json":
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return json.dumps(found, indent=1, ensure_ascii=False, default=str)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([names, *rows])
    return text.getvalue().rstrip("\n")


def _table(result: duckdb.DuckDBPyRelation) -> str:
    """Columns in line, numbers to the right, nothing cut off; a last line where rows are left out."""
    rows = result.limit(MOST_ROWS_SHOWN + 1).fetchall()
    numbers = [str(kind) in ("DOUBLE", "FLOAT", "INTEGER", "BIGINT", "HUGEINT") for kind in result.types]
    cells = [["" if value is None else str(value) for value in row] for row in rows[:MOST_ROWS_SHOWN]]
    widths = [max(map(len, column)) for column in zip(result.columns, *cells, strict=True)]
    table = [list(result.columns), ["-" * width for width in widths], *cells]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        for row in table
    ]
    if len(rows) > MOST_ROWS_SHOWN:
        lines.append(f"... the first {MOST_ROWS_SHOWN} rows; use --format csv for all")
    return "\n".join(lines)
