"""The folder of releases: what lies there, which one is current, which are pinned, which may go.

Only the standard library: `smv-ai status` must answer at once.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from smv_ai.errors import NoReleaseError
from smv_ai.paths import DATABASE_NAME, keep_days, keep_releases, release_dir

CURRENT = "current"
FACTS_NAME = "release.json"
PIN_NAME = "PINNED"
STAGING_PREFIX = ".staging-"


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

    @property
    def is_pinned(self) -> bool:
        """True where `smv-ai pin` protects it from being pruned."""
        return (self.path / PIN_NAME).exists()


def facts_of(path: Path) -> dict[str, Any]:
    """The content of a release's release.json; raises NoReleaseError where it is missing or damaged."""
    try:
        facts = json.loads((path / FACTS_NAME).read_text(encoding="utf-8"))
        if not {"release_id", "created_at"} <= set(facts):
            raise ValueError("release_id or created_at is missing")
    except (OSError, ValueError, TypeError) as error:
        raise NoReleaseError(
            f"The release at {path} is damaged (release.json: {error}): "
            "go back with `smv-ai rollback` or run `make warehouse` again."
        ) from error
    return facts


def facts_or_none(path: Path) -> dict[str, Any] | None:
    """As `facts_of`, but None where the facts are missing or damaged: a new build must not stumble over an old one."""
    try:
        return facts_of(path)
    except NoReleaseError:
        return None


def _release_at(path: Path) -> Release:
    if not (path / DATABASE_NAME).is_file():
        raise NoReleaseError(f"No release at {path}: run `make warehouse` first.")
    facts = facts_of(path)
    return Release(release_id=facts["release_id"], created_at=facts["created_at"], path=path)


def current_release(folder: Path | None = None) -> Release:
    """The release that `current` points to, with its real path.

    The link is resolved before anything connects: DuckDB caches databases by path, and a process that still holds
    a connection would go on seeing the old file behind the same name.
    Raises NoReleaseError where nothing has been released or the release is not complete.
    """
    return _release_at(((folder or release_dir()) / CURRENT).resolve())


def find_release(release_id: str | None, folder: Path | None = None) -> Release:
    """The release of that name, the current one where no name is given; raises NoReleaseError naming what there is."""
    folder = folder or release_dir()
    if release_id is None or release_id == CURRENT:
        return current_release(folder)
    names = release_names(folder)
    if release_id not in names:
        raise NoReleaseError(f"There is no release {release_id}; there are: {', '.join(names) or 'none'}.")
    return _release_at(folder / release_id)


def release_names(folder: Path) -> list[str]:
    """Names of the release folders, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.name[:1] != "." and (path / FACTS_NAME).is_file()
                  and not path.is_symlink())  # fmt: skip


def current_name(folder: Path) -> str | None:
    """Name of the release that `current` points to; None where there is no such link."""
    link = folder / CURRENT
    return os.readlink(link) if link.is_symlink() else None


def sync(path: Path) -> None:
    """Force a file or a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def switch(folder: Path, release_id: str) -> None:
    """Point `current` to a release by one rename."""
    link = folder / ".current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    os.replace(link, folder / CURRENT)
    sync(folder)


def pin(release: Release, reason: str) -> None:
    """Protect a release from being pruned."""
    (release.path / PIN_NAME).write_text(reason + "\n", encoding="utf-8")


def unpin(release: Release) -> None:
    """Let a release be pruned again."""
    (release.path / PIN_NAME).unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a folder; a release is renamed first, so that half of it never stands under its name."""
    if not path.name.startswith("."):
        hidden = path.with_name(f"{STAGING_PREFIX}gone-{path.name}")
        os.rename(path, hidden)
        path = hidden
    shutil.rmtree(path)


def prunable(folder: Path, now: datetime | None = None) -> list[str]:
    """Releases that neither rule keeps (the newest by count, all younger than the age), oldest first.

    The current and the pinned ones are never among them.
    """
    now = now or datetime.now(UTC)
    names = release_names(folder)
    old = names[: max(0, len(names) - keep_releases())]
    found = []
    for name in old:
        facts = facts_or_none(folder / name)
        if facts is None:
            continue  # `status` and `verify` name it; a person decides
        release = Release(name, facts["created_at"], folder / name)
        age = now - datetime.fromisoformat(release.created_at)
        if name != current_name(folder) and not release.is_pinned and age > timedelta(days=keep_days()):
            found.append(name)
    return found


def prune(folder: Path) -> list[str]:
    """Remove what `prunable` names; returns the names."""
    names = prunable(folder)
    for name in names:
        discard(folder / name)
    return names
