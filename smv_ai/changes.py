"""What differs between two releases: rows added, removed and changed per table and per indicator, with examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from smv_ai.export import columns_of
from smv_ai.release import META_PREFIX, quoted

EXAMPLES = 5
INDICATOR = "indicator_id"
JSON_NAME, MARKDOWN_NAME = "changes.json", "changes.md"


def _names(columns: list[str], alias: str = "") -> str:
    return ", ".join(f'{alias}"{column}"' for column in columns)


def _key(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> list[str]:
    """The shortest run of leading columns that tells the rows of both releases apart: keys come first in a mart."""
    for width in range(1, len(columns) + 1):
        names = _names(columns[:width])
        distinct = " and ".join(
            f"(select count(*) = count(distinct row({names})) from {side}.marts.{table})" for side in ("older", "newer")
        )
        if connection.execute(f"select {distinct}").fetchone() == (True,):
            return columns[:width]
    return columns


def _compared(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, Any]:
    key = _key(connection, table, columns)
    rest = [column for column in columns if column not in key]
    same = " and ".join(f'o."{column}" is not distinct from n."{column}"' for column in key)
    connection.execute(
        f"create or replace temp table differing as"
        f" select case when o.side is null then 'added' when n.side is null then 'removed' else 'changed' end as kind,"
        f" o as older_row, n as newer_row from (select 1 as side, {_names(columns)} from older.marts.{table}) as o"
        f" full join (select 1 as side, {_names(columns)} from newer.marts.{table}) as n on {same}"
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


def compare(older: Path, newer: Path) -> dict[str, Any]:
    """Compare two DuckDB files of releases; meta_ tables, which always differ, are left out.

    The result names tables and columns that came or went, and for each differing table what `_compared` counts.
    """
    with duckdb.connect() as connection:
        tables = {}
        for name, path in (("older", older), ("newer", newer)):
            connection.execute(f"attach {quoted(str(path))} as {name} (read_only)")
            tables[name] = {
                table: [column for column, _ in columns]
                for table, columns in columns_of(connection, name).items()
                if not table.startswith(META_PREFIX)
            }
        before, after = tables["older"], tables["newer"]
        result: dict[str, Any] = {
            "tables_added": sorted(set(after) - set(before)),
            "tables_removed": sorted(set(before) - set(after)),
            "tables": {},
        }
        for table in sorted(set(before) & set(after)):
            columns = [column for column in after[table] if column in before[table]]
            found = _compared(connection, table, columns)
            found["columns_added"] = [column for column in after[table] if column not in before[table]]
            found["columns_removed"] = [column for column in before[table] if column not in after[table]]
            if any(found[kind] for kind in ("added", "removed", "changed", "columns_added", "columns_removed")):
                result["tables"][table] = found
    return result


def _example_line(example: dict[str, Any]) -> str:
    key = ", ".join(str(value) for value in example["key"].values())
    cells = "; ".join(f"{name}: {cell['before']} → {cell['after']}" for name, cell in example.get("cells", {}).items())
    return f"- {example['kind']} `{key}`" + (f" — {cells}" if cells else "")


def _setting_lines(report: dict[str, Any]) -> list[str]:
    """A paragraph for each statistical setting that differs."""
    found = report.get("settings", {}).items()
    return [
        line for name, now in found for line in (f"Setting {name}: {now['before']} before, {now['after']} now.", "")
    ]


def as_markdown(report: dict[str, Any]) -> str:
    """The change report for people."""
    if report["older"] is None:
        return f"# Changes in {report['newer']}\n\nThere is no earlier release to compare with: {report['reason']}.\n"
    lines = [f"# Changes from {report['older']} to {report['newer']}", ""]
    lines += _setting_lines(report)
    if not (report["tables"] or report["tables_added"] or report["tables_removed"]):
        return "\n".join([*lines, "The public tables are the same."]) + "\n"
    for kind in ("added", "removed"):
        if report[f"tables_{kind}"]:
            lines += [f"Tables {kind}: {', '.join(report[f'tables_{kind}'])}.", ""]
    lines += ["| table | added | removed | changed |", "|---|--:|--:|--:|"]
    lines += [f"| {t} | {f['added']} | {f['removed']} | {f['changed']} |" for t, f in report["tables"].items()]
    for table, found in report["tables"].items():
        lines += ["", f"## {table}", ""]
        for kind in ("added", "removed"):
            if found[f"columns_{kind}"]:
                lines += [f"Columns {kind}: {', '.join(found[f'columns_{kind}'])}.", ""]
        if found.get("by_indicator"):
            lines += ["| indicator | added | removed | changed |", "|---|--:|--:|--:|"]
            for indicator, counts in found["by_indicator"].items():
                cells = " | ".join(str(counts.get(kind, 0)) for kind in ("added", "removed", "changed"))
                lines.append(f"| {indicator} | {cells} |")
            lines.append("")
        lines += [_example_line(example) for example in found["examples"]]
    return "\n".join(lines) + "\n"


def report_between(
    older: tuple[str, Path] | None, newer: tuple[str, Path], reason: str = "", settings: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The change report as data; each side is a release id and its DuckDB file, `reason` says why there is no older.

    `settings`: statistical settings that differ, each before and after (settings.changed_settings).
    """
    if older is None:
        return {"older": None, "newer": newer[0], "reason": reason}
    return {"older": older[0], "newer": newer[0], "settings": settings or {}, **compare(older[1], newer[1])}


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """Write changes.json and changes.md."""
    text = json.dumps(report, indent=1, ensure_ascii=False, default=str)
    (folder / JSON_NAME).write_text(text + "\n", encoding="utf-8")
    (folder / MARKDOWN_NAME).write_text(as_markdown(report), encoding="utf-8")
