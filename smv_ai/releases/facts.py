"""release.json: what it says, read and checked in this one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict, cast

from smv_ai.releases import shape

FACTS_NAME = "release.json"
MOST_BYTES = 16 * 2**20


class Facts(TypedDict):
    """What a release says of itself; what an old or a damaged one leaves out is empty here, and `verify` names it."""

    release_id: str
    kind: str | None  # warehouse or demonstration; None before the two lived apart
    created_at: str  # ISO 8601
    project_version: str | None
    content_hash: str | None
    fingerprint: str | None  # of all that it depends on, see build/fingerprint.py
    run_id: str | None
    previous_release_id: str | None
    surveys_that_repeat: list[dict[str, str]]  # survey_id, label, last_date
    settings: dict[str, Any]  # the statistical ones, by name
    rows: dict[str, int]  # by table
    files: dict[str, str]  # SHA-256 by path inside the folder
    database_bytes: int | None  # its length, which `status` compares


RULES = {
    "release_id": shape.NAME,
    "kind": shape.TEXT.or_none(),
    "created_at": shape.MOMENT_TEXT,
    "project_version": shape.TEXT.or_none(),
    "content_hash": shape.SHA256.or_none(),
    "fingerprint": shape.SHA256.or_none(),
    "run_id": shape.TEXT.or_none(),
    "previous_release_id": shape.TEXT.or_none(),
    "surveys_that_repeat": shape.list_of(
        {"survey_id": shape.TEXT, "label": shape.TEXT, "last_date": shape.DATE_TEXT},
    ),
    "settings": shape.OBJECT,
    "rows": shape.mapping(shape.TABLE, shape.COUNT),
    "files": shape.mapping(shape.TEXT, shape.SHA256),
    "database_bytes": shape.COUNT.or_none(),
}
REQUIRED = ("release_id", "created_at")


def read_facts(folder: Path) -> Facts:
    """The facts of a release; raises OSError or shape.ShapeError where they are missing or not of this shape."""
    found = shape.checked(shape.parsed(shape.read_bytes(folder / FACTS_NAME, MOST_BYTES)), RULES, REQUIRED)
    empty = dict.fromkeys(RULES) | {"surveys_that_repeat": [], "settings": {}, "rows": {}, "files": {}}
    return cast(Facts, empty | found)
