"""Open the current release for reading."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from smv_ai.paths import DATABASE_NAME, release_dir


class NoReleaseError(Exception):
    """There is no release to read; the message says what to do."""


@dataclass(frozen=True)
class Release:
    """A release as readers see it: its id, when it was made (ISO 8601, UTC) and where it lies."""

    release_id: str
    created_at: str
    path: Path

    @property
    def database(self) -> Path:
        """The DuckDB file of the release."""
        return self.path / DATABASE_NAME


def current_release(folder: Path | None = None) -> Release:
    """The release that `current` points to, with its real path.

    The link is resolved before anything connects: DuckDB caches databases by path, and a process that still holds
    a connection would go on seeing the old file behind the same name.
    Raises NoReleaseError where nothing has been released or the release is not complete.
    """
    link = (folder or release_dir()) / "current"
    path = link.resolve()
    if not (path / DATABASE_NAME).is_file():
        raise NoReleaseError(f"No release at {link}: run `make warehouse` first.")
    try:
        facts = json.loads((path / "release.json").read_text(encoding="utf-8"))
        return Release(release_id=facts["release_id"], created_at=facts["created_at"], path=path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoReleaseError(
            f"The release at {path} is damaged (release.json: {error}): run `make warehouse` again."
        ) from error


def connect(release: Release | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a release (the current one by default). Use `.cursor()` for each thread."""
    release = release or current_release()
    return duckdb.connect(str(release.database), read_only=True)
