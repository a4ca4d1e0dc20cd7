"""No response row, no respondent id and no free text is in any released file: the release is read and searched."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from support.evidence_project import FREE_TEXT, ODD_AMOUNT

from smv_ai.build import audit
from smv_ai.environment import DATABASE_NAME, Kind
from smv_ai.golden.build import BUILD_FILE
from smv_ai.releases import changes, datapackage, export
from smv_ai.releases.write import copy_marts

# What respondents are called in small and in demonstration responses, and the free text of the questionnaire.
IDENTIFIERS = re.compile(rf"firm-cvr-\d+|demo_\w*\d{{4,}}|{re.escape(FREE_TEXT)}", re.IGNORECASE)
# The amount of one firm, as text and as Excel reads it.
AMOUNT = re.compile(str(ODD_AMOUNT).replace(".", "[.,]"))
# Columns of a response file or register panel, which only a row of one respondent or firm has.
RESPONSE_COLUMNS = {
    "respondent_id",
    "firm_id",
    "stratum_id",
    "psu_id",
    "design_weight",
    "stratum_population_size",
    "remarks",
}
# A row of this table is a stratum, of whose firms few are never told apart.
OF_STRATA, STRATUM_COLUMNS = "fct_response_rates", {"stratum_id", "stratum_population_size"}


def _finding(text: str) -> str | None:
    found = IDENTIFIERS.search(text)
    return found and found.group()


def _leaks_of_table(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Identifiers and free text in any cell or column name, the odd amount in any number, and columns of responses."""
    columns = connection.execute(f"describe select * from {table}").fetchall()
    names = {name for name, *_ in columns}
    told = STRATUM_COLUMNS if OF_STRATA in table else set()
    leaks = [f"column {name}" for name in sorted(names & (RESPONSE_COLUMNS - told))]
    leaks += [found for name in names if (found := _finding(name))]
    for name, kind, *_ in columns:
        if kind == "DOUBLE":
            [odd] = connection.execute(
                f'select count(*) from {table} where abs("{name}" - {ODD_AMOUNT}) < 1e-6'
            ).fetchone()
            leaks += [f"{name} = {ODD_AMOUNT}"] if odd else []
        else:
            cells = connection.execute(
                f'select distinct cell from (select cast("{name}" as varchar) as cell from {table}) as cells'
                " where regexp_matches(cells.cell, ?, 'i')",
                [IDENTIFIERS.pattern],
            ).fetchall()
            leaks += [cell for (cell,) in cells]
    return leaks


def leaks(folder: Path) -> list[str]:
    """What of the responses a released folder gives away: the file, and what was found; every file is read."""
    found = []
    with duckdb.connect() as connection:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            place = path.relative_to(folder).as_posix()
            if path.suffix == ".duckdb":
                connection.execute(f"attach '{path}' as released (read_only)")
                tables = connection.execute(
                    "select schema_name || '.' || table_name, coalesce(comment, '') from duckdb_tables()"
                    " where database_name = 'released'"
                ).fetchall()
                for table, comment in tables:
                    found += [(f"{place} {table}", leak) for leak in _leaks_of_table(connection, f"released.{table}")]
                    found += [(f"{place} {table}", comment)] if _finding(comment) else []
                    found += [] if table.startswith("marts.") else [(place, f"table {table}")]
                connection.execute("detach released")
            elif path.suffix == ".parquet":
                found += [(place, leak) for leak in _leaks_of_table(connection, f"read_parquet('{path}')")]
            # the bytes, too: comments, metadata and whatever lies beside the tables
            text = path.read_bytes().decode("utf-8", errors="replace")
            found += [(place, leak)] if (leak := _finding(text)) else []
            found += (
                [(place, str(ODD_AMOUNT))]
                if re.search(rf"\b{ODD_AMOUNT}|{str(ODD_AMOUNT).replace('.', ',')}", text)
                else []
            )
    return [f"{place}: {leak}" for place, leak in found]


@pytest.fixture(scope="module")
def staged(evidence_folder, tmp_path_factory) -> Path:
    """What the command releases of the build with small responses: tables, exports, description, data docs."""
    folder = tmp_path_factory.mktemp("released")
    database = folder / DATABASE_NAME
    audit.audit(evidence_folder / BUILD_FILE, folder / "data_docs")
    copy_marts(evidence_folder / BUILD_FILE, database)
    export.export_tables(database, folder)
    changes.write_report(folder, changes.report_of_nothing("small", "this is the first"))
    datapackage.write_datapackage(folder, "small", "2026-01-01T00:00:00Z", Kind.WAREHOUSE)
    datapackage.write_citation(folder, "small", "2026-01-01T00:00:00Z", Kind.WAREHOUSE)
    return folder


def test_the_responses_hold_what_is_looked_for(evidence_folder):
    """Else a release without leaks would prove nothing."""
    files = str(evidence_folder / "responses" / "**" / "*.parquet")
    with duckdb.connect() as connection:
        [ids, texts, amounts] = connection.execute(
            "select count_if(respondent_id like 'firm-cvr-%'), count_if(starts_with(remarks, ?)),"
            " count_if(turnover = ?)"
            f" from read_parquet('{files}', union_by_name = true)",
            [FREE_TEXT, ODD_AMOUNT],
        ).fetchone()
    assert ids == texts == 800 and amounts == 2


def test_no_released_file_gives_a_response_away(staged):
    assert {path.suffix for path in staged.rglob("*.*")} >= {
        ".duckdb",
        ".parquet",
        ".csv",
        ".json",
        ".md",
        ".html",
        ".cff",
    }
    assert leaks(staged) == []


def test_the_release_with_demonstration_responses_gives_none_away(demo_dir):
    assert leaks((demo_dir / "current").resolve()) == []


def _change(folder: Path, query: str) -> None:
    with duckdb.connect(str(folder / DATABASE_NAME)) as connection:
        connection.execute(query)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


# Ways in which a response may leak, and what the search must say of each.
LEAKS = {
    "an id in a table": (
        lambda folder: _change(
            folder, "update marts.fct_estimates set segment = 'firm-cvr-001007' where segment = ''"
        ),
        "smv_ai.duckdb marts.fct_estimates: firm-cvr-001007",
    ),
    "a response row": (
        lambda folder: _change(folder, "create table marts.answers as select 'x' as respondent_id, 1 as direction"),
        "smv_ai.duckdb marts.answers: column respondent_id",
    ),
    "the amount of one firm": (
        lambda folder: _change(
            folder, f"update marts.fct_estimates set ci_upper = {ODD_AMOUNT} where segment = 'construction|old'"
        ),
        f"smv_ai.duckdb marts.fct_estimates: ci_upper = {ODD_AMOUNT}",
    ),
    "a table outside the marts": (
        lambda folder: _change(
            folder, "create schema intermediate; create table intermediate.moments as select 1 as cell"
        ),
        "smv_ai.duckdb: table intermediate.moments",
    ),
    "free text in an export": (
        lambda folder: _append(folder / "csv" / "fct_estimates.csv", f"\n{FREE_TEXT} (1003)\n"),
        f"csv/fct_estimates.csv: {FREE_TEXT}",
    ),
    "an id in the data docs": (
        lambda folder: _append(folder / "data_docs" / "index.html", "<td>demo_0042</td>"),
        "data_docs/index.html: demo_0042",
    ),
    "an id in the data package": (
        lambda folder: _append(folder / "datapackage.json", "demo_ti_2025_00042"),
        "datapackage.json: demo_ti_2025_00042",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_is_found(kind, staged, tmp_path):
    leak, finding = LEAKS[kind]
    copy = Path(shutil.copytree(staged, tmp_path / "copy"))
    leak(copy)
    assert finding in leaks(copy)


def test_a_leak_in_parquet_is_found(staged, tmp_path):
    copy = Path(shutil.copytree(staged, tmp_path / "copy"))
    path = copy / "parquet" / "fct_estimates.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table leaked as select *, '{FREE_TEXT}' as remarks from read_parquet('{path}')")
        connection.execute(f"copy leaked to '{path}' (format parquet)")
    found = leaks(copy)
    assert "parquet/fct_estimates.parquet: column remarks" in found
    assert f"parquet/fct_estimates.parquet: {FREE_TEXT}" in found
