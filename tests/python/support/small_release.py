"""A release of one table in a moment, for tests of what is around the figures: links, ids, logs, rights."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from smv_ai.environment import DATABASE_NAME
from smv_ai.releases.write import write_facts
from smv_ai.sql.quoting import literal


def small_release(releases: Path, name: str, *, days_old: float = 0, **facts: Any) -> Path:
    """A release that `verify` finds intact, with a database, a Parquet file and the facts given; returns its folder."""
    folder = releases / name
    (folder / "parquet").mkdir(parents=True)
    with duckdb.connect(str(folder / DATABASE_NAME)) as connection:
        connection.execute("create schema marts; create table marts.mart_adoption as select 66 as value")
        connection.execute(
            "create table marts.dim_surveys (survey_id varchar, label_en varchar, last_wave_end_date date,"
            " is_cited_only boolean, wave_count integer)"
        )
        export = literal(str(folder / "parquet" / "mart_adoption.parquet"))
        connection.execute(f"copy marts.mart_adoption to {export}")
    write_facts(folder, name, {"mart_adoption": 1}, **facts)
    written = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    written["created_at"] = (datetime.now(UTC) - timedelta(days=days_old)).isoformat(timespec="seconds")
    (folder / "release.json").write_text(json.dumps(written), encoding="utf-8")
    return folder


def state_of(folder: Path) -> dict[str, tuple[int, str]]:
    """Every entry below a folder with its rights and the SHA-256 of its bytes."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in folder.rglob("*")
    }
