"""What differs between two releases: rows added, removed and changed per table and per indicator, with examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from smv_ai.errors import NoReleaseError
from smv_ai.releases import apart
from smv_ai.releases.export import columns_of
from smv_ai.releases.folder import Release
from smv_ai.releases.verify import database_problem
from smv_ai.releases.write import META_PREFIX
from smv_ai.seeds.characters import cleaned
from smv_ai.sql.quoting import identifier, literal

EXAMPLES = 5
INDICATOR = "indicator_id"
JSON_NAME, MARKDOWN_NAME = "changes.json", "changes.md"
COLUMN_KINDS = {"columns_added": "added", "columns_removed": "removed", "columns_retyped": "of another type"}
KINDS = ("added", "removed", "changed", *COLUMN_KINDS)
# Nothing spills beside the files, nothing is loaded.
READ_ONLY_CONFIG: dict[str, Any] = {
    "temp_directory": "", "autoinstall_known_extensions": False, "autoload_known_extensions": False,
}  # fmt: skip


def _names(columns: list[str], alias: str = "") -> str:
    return ", ".join(f"{alias}{identifier(column)}" for column in columns)


def _key(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> list[str]:
    """The shortest run of leading columns that tells the rows of both releases apart: keys come first in a mart."""
    for width in range(1, len(columns) + 1):
        names = _names(columns[:width])
        distinct = " and ".join(
            f"(select count(*) = count(distinct row({names})) from {side}.marts.{identifier(table)})"
            for side in ("older", "newer")
        )
        if connection.execute(f"select {distinct}").fetchone() == (True,):
            return columns[:width]
    return columns


def _without_cells(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """Where no column is the same: every row went, every row came."""
    older, newer = (
        connection.execute(f"select count(*) from {side}.marts.{identifier(table)}").fetchall()[0][0]
        for side in ("older", "newer")
    )
    return {"key": [], "added": newer, "removed": older, "changed": 0, "examples": []}


def _compared(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, Any]:
    if not columns:
        return _without_cells(connection, table)
    key = _key(connection, table, columns)
    rest = [column for column in columns if column not in key]
    same = " and ".join(f"o.{identifier(column)} is not distinct from n.{identifier(column)}" for column in key)
    older, newer = (
        f"(select 1 as side, {_names(columns)} from {side}.marts.{identifier(table)})" for side in ("older", "newer")
    )
    connection.execute(
        f"create or replace temp table differing as"
        f" select case when o.side is null then 'added' when n.side is null then 'removed' else 'changed' end as kind,"
        f" o as older_row, n as newer_row from {older} as o full join {newer} as n on {same}"
        f" where o.side is null or n.side is null"
        + (f" or row({_names(rest, 'o.')}) is distinct from row({_names(rest, 'n.')})" if rest else "")
    )
    counts = dict(connection.execute("select kind, count(*) from differing group by 1").fetchall())
    found: dict[str, Any] = {"key": key} | {kind: counts.get(kind, 0) for kind in ("added", "removed", "changed")}
    if INDICATOR in columns and counts:
        found["by_indicator"] = {}
        for indicator, kind, count in connection.execute(
            f"select coalesce(newer_row.{INDICATOR}, older_row.{INDICATOR}), kind, count(*)"
            " from differing group by all order by all"
        ).fetchall():
            found["by_indicator"].setdefault(indicator or "none", {})[kind] = count
    found["examples"] = _examples(connection, key)
    return found


def _examples(connection: duckdb.DuckDBPyConnection, key: list[str]) -> list[dict[str, Any]]:
    """The first few differing rows of each kind: the key, and for a changed row each cell before and after."""
    examples = []
    for kind, older, newer in connection.execute(
        "select kind, older_row, newer_row from differing"
        f" qualify row_number() over (partition by kind order by coalesce(newer_row, older_row)) <= {EXAMPLES}"
        " order by kind, coalesce(newer_row, older_row)"
    ).fetchall():
        row = older if kind == "removed" else newer
        example: dict[str, Any] = {"kind": kind, "key": {column: row[column] for column in key}}
        if kind == "changed":
            example["cells"] = {
                column: {"before": older[column], "after": newer[column]}
                for column in row
                if older[column] != newer[column]
            }
        examples.append(example)
    return examples


def _tables_of(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, dict[str, str]]:
    """Type by column of each table of a release but the meta_ ones; a view, which a release never has, is no table."""
    stored = {
        table
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' and database_name = ?", [name]
        ).fetchall()
    }
    return {
        table: dict(columns)
        for table, columns in columns_of(connection, name).items()
        if table in stored and not table.startswith(META_PREFIX)
    }


def compare(older: Path, newer: Path) -> dict[str, Any]:
    """Compare two DuckDB files of releases; meta_ tables, which always differ, are left out.

    The result names tables and columns that came or went, columns of another type (their cells are not compared), and
    for each differing table what `_compared` counts. Raises duckdb.Error where a file cannot be read: use `apart.look`
    for a release that may be damaged.
    """
    with duckdb.connect(config=READ_ONLY_CONFIG) as connection:
        for name, path in (("older", older), ("newer", newer)):
            connection.execute(f"attach {literal(str(path))} as {name} (read_only)")
        connection.execute("set enable_external_access = false")
        before, after = _tables_of(connection, "older"), _tables_of(connection, "newer")
        result: dict[str, Any] = {
            "tables_added": sorted(set(after) - set(before)),
            "tables_removed": sorted(set(before) - set(after)),
            "tables": {},
        }
        for table in sorted(set(before) & set(after)):
            was, now = before[table], after[table]
            found = _compared(connection, table, [column for column in now if was.get(column) == now[column]])
            found["columns_added"] = [column for column in now if column not in was]
            found["columns_removed"] = [column for column in was if column not in now]
            found["columns_retyped"] = [column for column in now if column in was and was[column] != now[column]]
            if any(found[kind] for kind in KINDS):
                result["tables"][table] = found
    return result


def _as_code(text: str) -> str:
    """A text of the data on one line, which nothing reads as Markdown: the fence is longer than any in it."""
    line = " ".join(cleaned(text).split())
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if line[:1] == "`" or line[-1:] == "`" or not line else ""
    return f"{fence}{space}{line}{space}{fence}"


def _name(text: str) -> str:
    """A name as it is; what is none, for an older release may be anybody's, as code of a cell."""
    return text if text.isidentifier() and text == text.strip("_") else _as_code(text).replace("|", "\\|")


def _names_in_words(texts: Iterable[str]) -> str:
    return ", ".join(map(_name, texts))


def _cell(value: object) -> str:
    return _as_code(value) if isinstance(value, str) else str(value)


def _example_line(example: dict[str, Any]) -> str:
    key = _as_code(", ".join(str(value) for value in example["key"].values()))
    found = example.get("cells", {}).items()
    cells = "; ".join(f"{name}: {_cell(cell['before'])} → {_cell(cell['after'])}" for name, cell in found)
    return f"- {example['kind']} {key}" + (f" — {cells}" if cells else "")


def _setting_lines(report: dict[str, Any]) -> list[str]:
    """A paragraph for each statistical setting that differs."""
    found = report.get("settings", {}).items()
    return [
        line
        for name, now in found
        for line in (f"Setting {_name(name)}: {_cell(now['before'])} before, {_cell(now['after'])} now.", "")
    ]


def as_markdown(report: dict[str, Any]) -> str:
    """The change report for people."""
    if report["older"] is None:
        # what stands in a damaged release is quoted in the reason: indented, it is code
        return f"# Changes in {report['newer']}\n\n    {report['reason']}.\n"
    lines = [f"# Changes from {report['older']} to {report['newer']}", ""]
    lines += _setting_lines(report)
    if not (report["tables"] or report["tables_added"] or report["tables_removed"]):
        return "\n".join([*lines, "The public tables are the same."]) + "\n"
    for kind in ("added", "removed"):
        if report[f"tables_{kind}"]:
            lines += [f"Tables {kind}: {_names_in_words(report[f'tables_{kind}'])}.", ""]
    lines += ["| table | added | removed | changed |", "|---|--:|--:|--:|"]
    lines += [f"| {_name(t)} | {f['added']} | {f['removed']} | {f['changed']} |" for t, f in report["tables"].items()]
    for table, found in report["tables"].items():
        lines += ["", f"## {_name(table)}", ""]
        for kind, words in COLUMN_KINDS.items():
            if found[kind]:
                lines += [f"Columns {words}: {_names_in_words(found[kind])}.", ""]
        if found.get("by_indicator"):
            lines += ["| indicator | added | removed | changed |", "|---|--:|--:|--:|"]
            for indicator, counts in found["by_indicator"].items():
                cells = " | ".join(str(counts.get(kind, 0)) for kind in ("added", "removed", "changed"))
                lines.append(f"| {_name(indicator)} | {cells} |")
            lines.append("")
        lines += [_example_line(example) for example in found["examples"]]
    return "\n".join(lines) + "\n"


def report_between(
    older: Release, newer_id: str, newer: Path, settings: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The change report as data; the newer side is a release id and its DuckDB file.

    `settings`: statistical settings that differ, each before and after (settings.changed_settings).
    Raises NoReleaseError where the older release cannot be read or is not what it was when it was published.
    """
    if problem := database_problem(older):
        raise NoReleaseError(f"release {older.path.name}: {problem}")
    try:
        found = apart.look("compare", older.database, newer)
    except NoReleaseError as error:
        raise type(error)(f"release {older.path.name}: {error}") from error
    return {"older": older.release_id, "newer": newer_id, "settings": settings or {}, **found}


def report_of_nothing(newer_id: str, reason: str) -> dict[str, Any]:
    """The change report where there is nothing to compare with; `reason` is a sentence without its full stop."""
    return {"older": None, "newer": newer_id, "reason": reason}


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """Write changes.json and changes.md."""
    text = json.dumps(report, indent=1, ensure_ascii=False, default=str)
    (folder / JSON_NAME).write_text(text + "\n", encoding="utf-8")
    (folder / MARKDOWN_NAME).write_text(as_markdown(report), encoding="utf-8")
