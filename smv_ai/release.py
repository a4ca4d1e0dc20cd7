"""Write a release folder and switch `current` to it in one step.

A reader sees the last release or this one, never something in between: the folder is complete before the link moves,
and the link moves by one rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from smv_ai import __version__
from smv_ai.paths import DATABASE_NAME

# DuckDB 1.4 and later read this format; 2.0 writes a newer one unless told otherwise.
STORAGE_VERSION = "v1.4.0"


def new_release_id(now: datetime | None = None) -> str:
    """A name that sorts by time: 20261121T184500Z."""
    return (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def copy_marts(build_file: Path, database: Path) -> dict[str, int]:
    """Copy the tables of schema marts with constraints and comments into a new file; returns rows by table."""
    rows = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach {_quoted(str(build_file))} as build (read_only)")
        connection.execute(f"attach {_quoted(str(database))} as release (storage_version '{STORAGE_VERSION}')")
        connection.execute("begin")
        connection.execute("create schema release.marts")
        tables = connection.execute(
            "select table_name, sql, comment from duckdb_tables()"
            " where database_name = 'build' and schema_name = 'marts' order by table_name"
        ).fetchall()
        for table, sql, comment in tables:
            connection.execute(sql.replace("CREATE TABLE marts.", "create table release.marts.", 1))
            connection.execute(f"insert into release.marts.{table} select * from build.marts.{table} order by all")
            connection.execute(f"comment on table release.marts.{table} is {_quoted(comment or '')}")
            rows[table] = connection.execute(f"select count(*) from release.marts.{table}").fetchone()[0]
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns()"
            " where database_name = 'build' and schema_name = 'marts'"
        ).fetchall()
        for table, column, comment in columns:
            connection.execute(f'comment on column release.marts.{table}."{column}" is {_quoted(comment or "")}')
        connection.execute("commit")
        connection.execute("checkpoint release")
    return rows


def content_hash(database: Path) -> str:
    """SHA-256 over all rows of all tables in a fixed order: the same content gives the same hash."""
    digest = hashlib.sha256()
    with duckdb.connect(str(database), read_only=True) as connection:
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        ).fetchall():
            digest.update(table.encode())
            for row in connection.execute(f"select * from marts.{table} order by all").fetchall():
                digest.update(repr(row).encode())
    return digest.hexdigest()


def write_facts(folder: Path, release_id: str, rows: dict[str, int]) -> None:
    """release.json: what the release is, with a checksum of the database file."""
    database = folder / DATABASE_NAME
    facts = {
        "release_id": release_id,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "project_version": __version__,
        "content_hash": content_hash(database),
        "files": {DATABASE_NAME: hashlib.sha256(database.read_bytes()).hexdigest()},
        "rows": rows,
    }
    (folder / "release.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(staged: Path, releases: Path, release_id: str) -> Path:
    """Move the complete folder to its name and switch `current` to it by one rename; returns the folder."""
    for path in [*staged.rglob("*"), staged]:
        _sync(path)
    target = releases / release_id
    os.rename(staged, target)
    link = releases / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    os.replace(link, releases / "current")
    _sync(releases)
    return target


def discard(staged: Path) -> None:
    """Remove what a build that failed has left."""
    shutil.rmtree(staged, ignore_errors=True)
