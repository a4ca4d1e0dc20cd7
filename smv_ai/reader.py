"""Open the current release for reading."""

from __future__ import annotations

import duckdb

from smv_ai.errors import NoReleaseError
from smv_ai.releases import Release, current_release

__all__ = ["NoReleaseError", "Release", "connect", "current_release"]


def connect(release: Release | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release (the current one by default). Use `.cursor()` for each thread."""
    release = release or current_release()
    return duckdb.connect(str(release.database), read_only=True)
