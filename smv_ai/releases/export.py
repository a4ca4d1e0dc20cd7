"""The tables of a release as Parquet, as CSV, and as CSV for a Danish Excel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from smv_ai.releases.write import ONE_THREAD
from smv_ai.sql.quoting import literal

if TYPE_CHECKING:
    import pandas as pd

PARQUET, CSV, EXCEL = "parquet", "csv", "csv_excel"
BYTE_ORDER_MARK = "\ufeff"
# A spreadsheet takes a cell that begins so for a formula; an apostrophe before it makes it a text. A text that has its
# own apostrophes there gets one more, so that taking one away gives every text back.
FORMULA_START = r"^'*[=+\-@\t\r]"
DECIMALS = ("DOUBLE", "FLOAT", "DECIMAL")

Column = tuple[str, str]


def columns_of(connection: duckdb.DuckDBPyConnection, database: str | None = None) -> dict[str, list[Column]]:
    """Name and type of the columns of each public table, in their order; `database` is the name of an attached one."""
    found: dict[str, list[Column]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and database_name = coalesce(?, current_database())"
        " order by table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault(table, []).append((column, kind))
    return found


def _excel_cell(column: str, kind: str) -> str:
    if kind.startswith(DECIMALS):
        return f"""replace("{column}"::varchar, '.', ',')"""
    if kind == "VARCHAR":
        is_formula = f'regexp_matches("{column}", {literal(FORMULA_START)})'
        return f"""case when {is_formula} then '''' else '' end || "{column}" """
    return f'"{column}"'


def excel_query(table: str, columns: list[Column]) -> str:
    """The rows as Danish Excel shows them right: decimal comma, no text that it would take for a formula.

    The byte order mark, by which Excel knows UTF-8, stands before the first column's name.
    """
    names = [BYTE_ORDER_MARK + columns[0][0], *(name for name, _ in columns[1:])]
    cells = [f'{_excel_cell(*column)} as "{name}"' for column, name in zip(columns, names, strict=True)]
    return f"select {', '.join(cells)} from marts.{table}"


def _guard(text: Any) -> Any:
    return f"'{text}" if isinstance(text, str) and re.match(FORMULA_START, text) else text


def guarded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows for a CSV that a spreadsheet may open: no text, nor name of a column, that it takes for a formula."""
    import pandas as pd  # half a second that a build does without

    texts = [place for place, kind in enumerate(rows.dtypes) if not pd.api.types.is_numeric_dtype(kind)]
    kept = rows.copy()
    for place in texts:
        # pyrefly: ignore[bad-argument-type] - the stubs do not know that a Series may stand here
        kept.isetitem(place, rows.iloc[:, place].map(_guard).astype(object))
    return kept.set_axis([_guard(name) for name in rows.columns], axis="columns")


def export_tables(database: Path, folder: Path) -> int:
    """Write every public table in the three formats into folders of their own; returns the number of tables."""
    for name in (PARQUET, CSV, EXCEL):
        (folder / name).mkdir()
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(ONE_THREAD)
        tables = columns_of(connection)
        for table, columns in tables.items():
            targets = {
                PARQUET: (f"from marts.{table}", f"{table}.parquet", "format parquet, compression zstd"),
                CSV: (f"from marts.{table}", f"{table}.csv", "format csv, header"),
                EXCEL: (
                    excel_query(table, columns), f"{table}.csv",
                    "format csv, header, delimiter ';', new_line '\\r\\n'",
                ),
            }  # fmt: skip
            for name, (query, file, options) in targets.items():
                connection.execute(f"copy ({query}) to {literal(str(folder / name / file))} ({options})")
    return len(tables)
