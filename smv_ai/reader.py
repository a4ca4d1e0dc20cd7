"""Open the current release for reading."""

from __future__ import annotations

import duckdb

from smv_ai.errors import NoReleaseError
from smv_ai.releases import Release, current_release

__all__ = ["NoReleaseError", "Release", "connect", "current_release"]


def connect(release: Release | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release (the current one by default). Use `.cursor()` for each thread.

    Without a release, it is opened anew where `current` has moved on while the file was being opened.
    """
    if release is not None:
        return duckdb.connect(str(release.database), read_only=True)
    found = current_release()
    while True:
        try:
            return duckdb.connect(str(found.database), read_only=True)
        except duckdb.Error:
            newer = current_release()
            if newer == found:
                raise
            found = newer
