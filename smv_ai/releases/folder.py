"""The folder of releases: what lies there, which one is current, which are pinned, which may go.

Only the standard library: `smv-ai status` must answer at once.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smv_ai import stopping
from smv_ai.environment import DATABASE_NAME, Kind, keep_days, keep_releases, release_dir
from smv_ai.errors import NoReleaseError
from smv_ai.releases import shape
from smv_ai.releases.facts import FACTS_NAME, Facts, read_facts
from smv_ai.releases.kinds import MAKE, kind_of, refuse_other_kind
from smv_ai.sql.opening import refuse_logs

CURRENT = "current"
PIN_NAME = "PINNED"
STAGING_PREFIX = ".staging-"
ASIDE_PREFIX = ".aside-"  # what stood in the place of a link and was no link


@dataclass(frozen=True)
class Release:
    """A release as readers see it: its id, when it was made (ISO 8601, UTC), where it lies and what it is."""

    release_id: str
    created_at: str
    path: Path
    is_demonstration: bool = False

    @property
    def database(self) -> Path:
        """The DuckDB file of the release."""
        return self.path / DATABASE_NAME

    @property
    def cited_as(self) -> str:
        """The id as it stands in a citation or a file that leaves the release: a demonstration says so."""
        return f"demonstration {self.release_id}" if self.is_demonstration else self.release_id

    @property
    def is_pinned(self) -> bool:
        """True where `smv-ai pin` protects it from being pruned."""
        return (self.path / PIN_NAME).exists()


@dataclass(frozen=True)
class Current:
    """Where `current` leads: its real folder, its name where that is a release of this folder, else what is wrong."""

    path: Path | None = None
    name: str | None = None
    problem: str | None = None


def find_current(folder: Path) -> Current:
    """Follow `current` to its end, however the link is written: the one place that tells which release is current.

    `path` is what readers read, wherever it lies. `name` is None unless it is a release of this folder; then `problem`
    says why, and nobody may conclude that some release is not the current one.
    """
    link = folder / CURRENT
    if not os.path.lexists(link):
        return Current(problem=f"there is no `{CURRENT}`")
    try:
        link.stat()  # the kernel's word: it takes no way through a file
        path = Path(os.path.realpath(link, strict=True))
    except OSError as error:
        return Current(problem=f"`{CURRENT}` leads nowhere ({error.strerror})")
    if path.parent == Path(os.path.realpath(folder)) and path.name in release_names(folder):
        return Current(path, path.name)
    if not link.is_symlink():
        return Current(path, problem=f"`{CURRENT}` is no link; `smv-ai rollback ID` or the next release sets it aside")
    return Current(path, problem=f"`{CURRENT}` leads to {path}, which is no release of this folder")


def facts_of(path: Path) -> Facts:
    """The content of a release's release.json; raises NoReleaseError where it is missing or damaged."""
    try:
        return read_facts(path)
    except (OSError, shape.ShapeError) as error:
        why = f"{error.strerror}" if isinstance(error, OSError) else f"{error}"
        raise NoReleaseError(
            f"The release at {path} is damaged ({FACTS_NAME}: {why}): "
            "go back with `smv-ai rollback` or run `make warehouse` again."
        ) from error


def facts_or_none(path: Path) -> Facts | None:
    """As `facts_of`, but None where the facts are missing or damaged: a new build must not stumble over an old one."""
    try:
        return facts_of(path)
    except NoReleaseError:
        return None


def release_at(path: Path, kind: Kind | None = None) -> Release:
    """The release in this folder; raises NoReleaseError where it is not complete, not to be trusted or not of the kind.

    Without a kind, any is taken: for what looks after a folder, not for what reads figures.
    """
    if not (path / DATABASE_NAME).is_file():
        raise NoReleaseError(f"No release at {path}: run `{MAKE[kind or Kind.WAREHOUSE]}` first.")
    refuse_logs(path / DATABASE_NAME)
    facts = facts_of(path)
    if kind is not None:
        refuse_other_kind(path, facts, kind)
    is_demonstration = kind_of(facts) is Kind.DEMONSTRATION
    return Release(facts["release_id"], facts["created_at"], path, is_demonstration)


def own_current(folder: Path) -> Release:
    """The current release, which must be one of this folder; raises NoReleaseError that says what is wrong."""
    found = find_current(folder)
    if found.name is None:
        raise NoReleaseError(found.problem)
    return current_release(folder, None)


def current_release(folder: Path | None = None, kind: Kind | None = Kind.WAREHOUSE) -> Release:
    """The release of the kind that `current` points to, with its real path; `kind` as in `release_at`.

    The link is resolved before anything connects: DuckDB caches databases by path, and a process that still holds
    a connection would go on seeing the old file behind the same name.
    Raises NoReleaseError where nothing has been released, or what was is not complete or of another kind.
    """
    folder = folder or release_dir(kind or Kind.WAREHOUSE)
    current = find_current(folder)
    if current.path is None:
        make = MAKE[kind or Kind.WAREHOUSE]
        raise NoReleaseError(f"No release at {folder / CURRENT}: {current.problem}. Run `{make}` first.")
    return release_at(current.path, kind)


def find_release(release_id: str | None, folder: Path | None = None, kind: Kind | None = Kind.WAREHOUSE) -> Release:
    """The release of that name, the current one where no name is given; `kind` as in `release_at`.

    Raises NoReleaseError naming what there is.
    """
    folder = folder or release_dir(kind or Kind.WAREHOUSE)
    if release_id is None or release_id == CURRENT:
        return current_release(folder, kind)
    names = release_names(folder)
    if release_id not in names:
        raise NoReleaseError(f"There is no release {release_id}; there are: {', '.join(names) or 'none'}.")
    return release_at(folder / release_id, kind)


def release_names(folder: Path) -> list[str]:
    """Names of the release folders, in the order of the names; smv_ai/chain.py knows which came first."""
    if not folder.is_dir():
        return []
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.name[:1] != "." and path.name != CURRENT
        and os.path.isfile(path / FACTS_NAME) and not path.is_symlink()
    )  # fmt: skip


def foreign_folders(folder: Path) -> list[str]:
    """Folders and links beside the releases that are none: without facts, or linked."""
    if not folder.is_dir():
        return []
    known = {*release_names(folder), CURRENT}
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name not in known and entry.name[:1] != "." and (entry.is_symlink() or entry.is_dir())
        )


def foreign_entries(path: Path, facts: Facts) -> list[str]:
    """What stands in a release and is no part of it, a line each: links and pipes whatever their name, strange files
    and folders. A release is plain files in plain folders: what is linked lies elsewhere and may change."""
    found = []
    parts = {str(parent) for name in facts["files"] for parent in Path(name).parents}
    known = {*facts["files"], FACTS_NAME, PIN_NAME}
    for root, folders, files in os.walk(path):
        for entry in [*folders, *files]:
            place = Path(root, entry)
            name, mode = place.relative_to(path).as_posix(), place.lstat().st_mode
            if stat.S_ISLNK(mode):
                found.append(f"{name}: is a link")
            elif stat.S_ISDIR(mode):
                found += [] if name in parts or not facts["files"] else [f"{name}: does not belong to the release"]
            elif not stat.S_ISREG(mode):
                found.append(f"{name}: is no file")
            elif name not in known:
                found.append(f"{name}: does not belong to the release")
    return sorted(found)


def current_name(folder: Path) -> str | None:
    """Name of the release of this folder that `current` leads to; None where it leads to none (see find_current)."""
    return find_current(folder).name


def sync(path: Path) -> None:
    """Force a file or a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def switch(folder: Path, release_id: str) -> None:
    """Point `current` to a release by one rename; what stands there and is no link is set aside, not removed."""
    stopping.finish()
    link = folder / ".current.new"
    for place in (link, folder / CURRENT):
        if os.path.lexists(place) and not place.is_symlink():
            os.rename(place, folder / f"{ASIDE_PREFIX}{place.name.strip('.')}-{secrets.token_hex(4)}")
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    os.replace(link, folder / CURRENT)
    sync(folder)


def straighten(folder: Path) -> None:
    """Write `current` as the plain id where it leads to a release of this folder by another way.

    What is removed may lie on that way: `20260101T000000Z/../20260102T000000Z`.
    """
    name, link = find_current(folder).name, folder / CURRENT
    if name is not None and os.readlink(link) != name:
        switch(folder, name)


def pin(release: Release, reason: str) -> None:
    """Protect a release from being pruned; raises NoReleaseError where something else has the place of the mark."""
    place = release.path / PIN_NAME
    if os.path.lexists(place) and not stat.S_ISREG(place.lstat().st_mode):
        raise NoReleaseError(f"{place} is no file: look at it and remove it. Nothing was pinned.")
    place.write_text(reason.encode("utf-8", "replace").decode() + "\n", encoding="utf-8")


def unpin(release: Release) -> None:
    """Let a release be pruned again; raises NoReleaseError where a folder has the place of the mark."""
    place = release.path / PIN_NAME
    if place.is_dir() and not place.is_symlink():
        raise NoReleaseError(f"{place} is a folder: look at it and remove it. Nothing was unpinned.")
    place.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a folder; a release is renamed first, so that half of it never stands under its name.

    A link or a file of that name goes itself, never what it leads to.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    if not path.name.startswith("."):
        hidden = path.with_name(f"{STAGING_PREFIX}gone-{path.name}")
        os.rename(path, hidden)
        path = hidden
    shutil.rmtree(path)


def prunable(folder: Path, now: datetime | None = None) -> list[str]:
    """Releases that neither rule keeps (the newest by count, all younger than the age), oldest first.

    The current and the pinned ones are never among them. Where it is not known which is current, none is.
    """
    from smv_ai.releases.chain import oldest_first  # it reads the history, which asks this module

    now = now or datetime.now(UTC)
    current = find_current(folder).name
    if current is None:
        return []
    names = oldest_first(folder)
    found = []
    for name in names[: max(0, len(names) - keep_releases())]:
        made = _created_at(folder / name)
        if made is None:
            continue  # `status` and `verify` name it; a person decides
        is_pinned = Release(name, made.isoformat(), folder / name).is_pinned
        if name != current and not is_pinned and now - made > timedelta(days=keep_days()):
            found.append(name)
    return found


def _created_at(path: Path) -> datetime | None:
    """When a release was made; None where its facts do not tell."""
    try:
        made = datetime.fromisoformat((facts_or_none(path) or {})["created_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def prune(folder: Path) -> list[str]:
    """Remove what `prunable` names; returns the names."""
    names = prunable(folder)
    straighten(folder)
    for name in names:
        discard(folder / name)
    return names
