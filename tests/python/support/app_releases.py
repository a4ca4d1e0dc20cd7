"""Copies of a release under other names and with other data, for the app to show."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from smv_ai.environment import DATABASE_NAME

FIRST, SECOND = "20260101T000000Z", "20260102T000000Z"


def add_release(source: Path, releases: Path, release_id: str, *, change: str = "", days_old: float = 0) -> Path:
    """A copy of a release under another id and age, with its data changed by a statement; returns its folder."""
    folder = releases / release_id
    folder.mkdir(parents=True)
    shutil.copy(source / DATABASE_NAME, folder / DATABASE_NAME)
    facts = json.loads((source / "release.json").read_text(encoding="utf-8"))
    facts |= {"release_id": release_id, "created_at": (datetime.now(UTC) - timedelta(days=days_old)).isoformat()}
    (folder / "release.json").write_text(json.dumps(facts), encoding="utf-8")
    if change:
        with duckdb.connect(str(folder / DATABASE_NAME)) as connection:
            connection.execute(change)
    return folder


def named(title: str) -> str:
    """A change of the data that a page shows."""
    return f"update marts.dim_publications set publisher = '{title}' where publication_id = 'ti_2025'"
