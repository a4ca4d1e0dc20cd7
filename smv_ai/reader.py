"""Open the current release for reading."""

from __future__ import annotations

import duckdb

from smv_ai.environment import Kind
from smv_ai.errors import NoReleaseError
from smv_ai.releases.folder import Release, current_release
from smv_ai.sql.opening import open_database

__all__ = ["Kind", "NoReleaseError", "Release", "connect", "current_release", "open_database"]


def connect(release: Release | None = None, *, demo: bool = False) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release (the current one by default). Use `.cursor()` for each thread.

    `demo`: the current release of the demonstration, whose synthetic rows are no figures on firms. Without a release,
    it is opened anew where `current` has moved on while the file was being opened.
    Raises NoReleaseError where there is no release, it is of the other kind, or a log stands beside its database.
    """
    kind = Kind.DEMONSTRATION if demo else Kind.WAREHOUSE
    if release is not None:
        return open_database(release.database)
    found = current_release(kind=kind)
    while True:
        try:
            return open_database(found.database)
        except (duckdb.Error, NoReleaseError):
            newer = current_release(kind=kind)
            if newer == found:
                raise
            found = newer
