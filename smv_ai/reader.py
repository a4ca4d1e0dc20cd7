"""Open the current release for reading."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

import duckdb

from smv_ai.errors import NoReleaseError
from smv_ai.releases.folder import Release, current_release, refuse_logs

__all__ = ["NoReleaseError", "Release", "connect", "current_release", "open_database"]


def open_database(database: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release's file that writes nothing beside it, not even what it spills to the disk.

    Raises NoReleaseError where a log stands beside the file.
    """
    refuse_logs(database)
    connection = duckdb.connect(str(database), read_only=True)
    # By itself DuckDB spills into a folder beside the file. The name is new: files of two processes must not meet.
    [spill] = connection.execute("select current_setting('temp_directory')").fetchone()
    if spill and Path(spill).parent == database.parent:
        elsewhere = Path(tempfile.gettempdir()) / f"smv_ai-{secrets.token_hex(8)}"
        connection.execute("set temp_directory = ?", [str(elsewhere)])
    return connection


def connect(release: Release | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release (the current one by default). Use `.cursor()` for each thread.

    Without a release, it is opened anew where `current` has moved on while the file was being opened.
    Raises NoReleaseError where there is no release, or a log stands beside its database.
    """
    if release is not None:
        return open_database(release.database)
    found = current_release()
    while True:
        try:
            return open_database(found.database)
        except duckdb.Error:
            newer = current_release()
            if newer == found:
                raise
            found = newer
