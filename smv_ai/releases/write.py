"""Write a release folder and switch `current` to it in one step.

A reader sees the last release or this one, never something in between: the folder is complete before the link moves,
and the link moves by one rename.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from smv_ai import __version__, stopping
from smv_ai.environment import DATABASE_NAME, rights_of_readers
from smv_ai.releases.folder import FACTS_NAME, switch, sync
from smv_ai.releases.history import Run
from smv_ai.sql.opening import open_database
from smv_ai.sql.quoting import literal
from smv_ai.sql.rows import only_row

# DuckDB 1.4 and later read this format; 2.0 writes a newer one unless told otherwise.
STORAGE_VERSION = "v1.4.0"
# Tables about runs and releases: they differ in every release, so they are not part of its content.
META_PREFIX = "meta_"
READABLE = 0o444
SURVEYS_THAT_REPEAT = """
select survey_id, label_en, last_wave_end_date::varchar from marts.dim_surveys
where not is_cited_only and wave_count > 1 and last_wave_end_date is not null
order by survey_id
"""


# With more threads DuckDB can wait for itself for ever where a disk is full: the thread that meets the end leaves, and
# the others wait for its tasks.
ONE_THREAD = "set threads = 1"


def copy_marts(build_file: Path, database: Path) -> dict[str, int]:
    """Copy the tables of schema marts with constraints and comments into a new file; returns rows by table."""
    rows = {}
    with duckdb.connect() as connection:
        connection.execute(ONE_THREAD)
        connection.execute(f"attach {literal(str(build_file))} as build (read_only)")
        connection.execute(f"attach {literal(str(database))} as release (storage_version '{STORAGE_VERSION}')")
        connection.execute("begin")
        connection.execute("create schema release.marts")
        tables = connection.execute(
            "select table_name, sql, comment from duckdb_tables()"
            " where database_name = 'build' and schema_name = 'marts' order by table_name"
        ).fetchall()
        for table, sql, comment in tables:
            connection.execute(sql.replace("CREATE TABLE marts.", "create table release.marts.", 1))
            connection.execute(f"insert into release.marts.{table} select * from build.marts.{table} order by all")
            connection.execute(f"comment on table release.marts.{table} is {literal(comment or '')}")
            rows[table] = only_row(connection.execute(f"select count(*) from release.marts.{table}"))[0]
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns()"
            " where database_name = 'build' and schema_name = 'marts'"
        ).fetchall()
        for table, column, comment in columns:
            connection.execute(f'comment on column release.marts.{table}."{column}" is {literal(comment or "")}')
        connection.execute("commit")
        connection.execute("checkpoint release")
    return rows


def rows_by_evidence(database: Path) -> dict[str, dict[str, int]]:
    """How many rows of each evidence_type every table of schema marts holds that has the column."""
    found: dict[str, dict[str, int]] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'evidence_type'"
        ).fetchall()
        for (table,) in tables:
            counts = connection.execute(f"select evidence_type, count(*) from marts.{table} group by all").fetchall()
            found[table] = {str(evidence): rows for evidence, rows in counts}
    return found


def misplaced_respondents(build_file: Path) -> list[str]:
    """What the rules found of demonstration respondents among real ones, where a setting let them pass."""
    with duckdb.connect(str(build_file), read_only=True) as connection:
        if not connection.execute("from duckdb_tables() where table_name = 'int_response_problems'").fetchall():
            return []
        found = connection.execute(
            "select message from intermediate.int_response_problems where rule = 'real_not_demonstration' order by all"
        ).fetchall()
    return [message for (message,) in found]


def fill_meta(database: Path, runs: list[Run], present: set[str]) -> dict[str, int]:
    """Write the history into meta_runs and meta_releases, which dbt leaves empty; returns their rows.

    `runs` are all runs including the one that makes this release; `present` the releases that are not pruned.
    """
    releases = [vars(run) | {"is_present": run.release_id in present} for run in runs if run.outcome == "built"]
    rows = {}
    with duckdb.connect(str(database)) as connection:
        connection.execute(ONE_THREAD)
        for table, found in (("meta_runs", [vars(run) for run in runs]), ("meta_releases", releases)):
            columns = connection.execute(
                "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index",
                [table],
            ).fetchall()
            if columns:
                shape = json.dumps([dict(columns)])
                values = json.dumps([{name: row[name] for name, _ in columns} for row in found])
                connection.execute(
                    f"insert into marts.{table} select unnest(from_json(?::json, {literal(shape)}), max_depth := 2)",
                    [values],
                )
                rows[table] = len(found)
        connection.execute("checkpoint")
    return rows


def _stable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row with numbers to twelve digits: noise in the last bit is no other content."""
    return tuple(f"{cell:.12g}" if isinstance(cell, float) else cell for cell in row)


def content_hash(database: Path) -> str:
    """SHA-256 over the public tables, their columns, comments and rows in a fixed order, without meta_ tables."""
    digest = hashlib.sha256()
    with open_database(database) as connection:
        connection.execute(ONE_THREAD)
        for table, comment in connection.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
            " and not starts_with(table_name, ?) order by 1",
            [META_PREFIX],
        ).fetchall():
            digest.update(f"{table}\n{comment}\n".encode())
            for column in connection.execute(
                "select column_name, data_type, is_nullable, comment from duckdb_columns()"
                " where schema_name = 'marts' and table_name = ? order by column_index",
                [table],
            ).fetchall():
                digest.update(repr(column).encode())
            for row in connection.execute(f"select * from marts.{table} order by all").fetchall():
                digest.update(repr(_stable(row)).encode())
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a release except release.json, by its path inside the folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != FACTS_NAME]
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def _surveys_that_repeat(database: Path) -> list[dict[str, str]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(SURVEYS_THAT_REPEAT).fetchall()
    return [{"survey_id": key, "label": label, "last_date": last} for key, label, last in rows]


def write_facts(folder: Path, release_id: str, rows: dict[str, int], **more: Any) -> None:
    """release.json: what the release is, with a checksum of every other file; the last file that is written."""
    database = folder / DATABASE_NAME
    facts = {
        "release_id": release_id,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "project_version": __version__,
        "content_hash": more.pop("content_hash", None) or content_hash(database),
        **more,
        "surveys_that_repeat": _surveys_that_repeat(database),
        "rows": rows,
        "files": checksums(folder),
        "database_bytes": database.stat().st_size,
    }
    (folder / FACTS_NAME).write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def publish(staged: Path, releases: Path, release_id: str) -> Path:
    """Move the complete folder to its name and switch `current` to it by one rename; returns the folder.

    Nobody may write the files from here on; that they can be pruned is a right of their folders. Who may read them says
    SMV_AI_READERS, not the umask.
    """
    rights = rights_of_readers()
    for path in [*staged.rglob("*"), staged]:
        path.chmod(rights & READABLE if path.is_file() else rights)
        sync(path)
    stopping.finish()
    target = releases / release_id
    os.rename(staged, target)
    sync(releases)
    switch(releases, release_id)
    return target
