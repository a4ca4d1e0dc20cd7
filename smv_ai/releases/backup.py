"""Back up what cannot be made anew, and restore it on another machine: releases with their history and the record of
what they hide, responses, surveys.

Files are copied byte for byte (what is encrypted stays so), each with its SHA-256 in `backup.json`. A backup and a
restore are whole or not there: both are written beside their place and renamed.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from smv_ai.environment import PROJECT_DIR, Kind, private_dir, release_dir
from smv_ai.errors import BadInputError, NoReleaseError, SystemStateError
from smv_ai.releases import shape
from smv_ai.releases.folder import CURRENT, STAGING_PREFIX
from smv_ai.releases.locking import LOCK_NAME, only_writer
from smv_ai.releases.write import sha256_of

INDEX = "backup.json"
MOST_BYTES = 256 * 2**20
PRIVATE = "private"
LINK = "link:"  # what stands for a checksum where `current` is: a link to the name that follows
RULES = {
    "made_at": shape.MOMENT_TEXT,
    "parts": shape.mapping(shape.NAME, shape.mapping(shape.TEXT, shape.TEXT)),
}


def parts(project: Path = PROJECT_DIR) -> dict[str, Path]:
    """What is backed up, by its name in the backup."""
    return {
        "release": release_dir(Kind.WAREHOUSE),
        "release_demo": release_dir(Kind.DEMONSTRATION),
        PRIVATE: private_dir(),
        "responses": project / "responses",
        "surveys": project / "surveys",
    }


def _entries(folder: Path) -> Iterator[Path]:
    """Every file below a folder, and the link `current`; what belongs to a run alone is left out.

    Raises BadInputError for what a backup cannot hold: other links, pipes and their like.
    """
    for root, folders, files in os.walk(folder):
        at_top = Path(root) == folder
        folders[:] = sorted(name for name in folders if not (at_top and name.startswith(STAGING_PREFIX)))
        for name in sorted([*files, *(name for name in folders if Path(root, name).is_symlink())]):
            path = Path(root, name)
            mode = path.lstat().st_mode
            is_current = at_top and name == CURRENT and stat.S_ISLNK(mode)
            if at_top and (name == LOCK_NAME or name.startswith((".current", STAGING_PREFIX))):
                continue
            if not stat.S_ISREG(mode) and not is_current:
                raise BadInputError(f"{path} is no plain file, so it is not backed up. Put a file in its place.")
            yield path


def _copy(source: Path, target: Path) -> dict[str, str]:
    """Copy a part; the SHA-256 (of `current`: where it leads) of what was written, by its path."""
    written = {}
    for path in _entries(source):
        name = path.relative_to(source)
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            place.symlink_to(Path(os.readlink(path)).name)
            written[name.as_posix()] = f"{LINK}{os.readlink(place)}"
        else:
            shutil.copy2(path, place)
            written[name.as_posix()] = sha256_of(place)
    return written


def _whole(target: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder by filling one beside it and renaming that; nothing is left where it fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{STAGING_PREFIX}{target.name}-{os.getpid()}")
    beside.mkdir(mode=0o700)
    try:
        fill(beside)
        if target.is_dir():
            target.rmdir()
        os.rename(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_occupied(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise BadInputError(f"{target} is no folder. Nothing was written; name another place.")
    if target.is_dir() and any(entry.name != LOCK_NAME for entry in target.iterdir()):
        raise BadInputError(f"{target} is not empty. Nothing was written; move it away or name another place.")


def backup(target: Path, project: Path = PROJECT_DIR, wait_seconds: float = 60) -> str:
    """Write a backup into a folder that is new or empty; returns a line of what it holds.

    No build publishes meanwhile. Raises BadInputError, LockedError or SystemStateError; then nothing is left.
    """
    target = Path(os.path.abspath(target))
    _refuse_occupied(target)
    found = {name: path for name, path in parts(project).items() if path.is_dir()}
    inside = next((path for path in found.values() if target.is_relative_to(path.resolve())), None)
    if inside is not None:
        raise BadInputError(f"{target} lies in {inside}, which is to be backed up. Name a place outside.")
    count = 0

    def fill(beside: Path) -> None:
        nonlocal count
        written = {name: _copy(path, beside / name) for name, path in found.items()}
        count = sum(map(len, written.values()))
        index = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "parts": written}
        (beside / INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    with ExitStack() as held:
        writable = [path for name, path in found.items() if name.startswith("release")]
        held.enter_context(only_writer(*writable, wait_seconds=wait_seconds))
        try:
            _whole(target, fill)
        except OSError as error:
            raise SystemStateError(f"The backup to {target} failed: {error}. Nothing is left of it.") from error
    return f"{target}: {count} files of {', '.join(found)}"


def _index(source: Path) -> dict[str, dict[str, str]]:
    """What a backup holds, after every byte of it was compared; raises NoReleaseError where it is damaged."""
    try:
        index = shape.checked(shape.parsed(shape.read_bytes(source / INDEX, MOST_BYTES)), RULES, list(RULES))["parts"]
    except (OSError, shape.ShapeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise NoReleaseError(f"{source} is no backup, or a damaged one ({INDEX}: {why}). Use another.") from error
    problems = [f"{name}: is no part of a backup" for name in set(index) - set(parts())]
    for part, files in index.items():
        for name, expected in files.items():
            path = source / part / name
            if Path(name).is_absolute() or ".." in Path(name).parts:
                problems.append(f"{part}/{name}: leads out of the backup")
            elif expected.startswith(LINK):
                is_same = path.is_symlink() and os.readlink(path) == expected.removeprefix(LINK)
                problems += [] if is_same and "/" not in expected else [f"{part}/{name}: is not the link it was"]
            elif path.is_symlink() or not path.is_file() or sha256_of(path) != expected:
                problems.append(f"{part}/{name}: is missing or has another checksum")
    if problems:
        lines = "\n".join(problems[:20])
        raise NoReleaseError(f"The backup {source} is damaged; nothing was restored. Use another.\n{lines}")
    return index


def restore(source: Path, project: Path = PROJECT_DIR) -> str:
    """Put back what a backup holds, after comparing every byte; returns a line of what was restored.

    Raises NoReleaseError where the backup is damaged, BadInputError where a place is not empty (survey files that are
    there with the same bytes are fine); then nothing was written.
    """
    index, places = _index(source), parts(project)
    same = {
        part for part, files in index.items()
        if places[part].is_dir() and files == {
            path.relative_to(places[part]).as_posix(): "" if path.is_symlink() else sha256_of(path)
            for path in _entries(places[part])
        }
    }  # fmt: skip
    # what is known here of releases that readers have seen may be more than the backup knows
    same |= {PRIVATE} if PRIVATE in index and any(_entries(places[PRIVATE])) else set()
    wanted = [part for part in index if part not in same and index[part]]
    for part in wanted:
        _refuse_occupied(places[part])
    for part in wanted:
        lock = places[part] / LOCK_NAME
        lock.unlink(missing_ok=True)

        def fill(beside: Path, part: str = part) -> None:
            if _copy(source / part, beside) != index[part]:
                raise NoReleaseError(f"The backup {source} changed while it was read; {part} was not restored.")
            beside.chmod(stat.S_IMODE((source / part).stat().st_mode))

        try:
            _whole(places[part], fill)
        except OSError as error:
            raise SystemStateError(f"{places[part]} could not be written: {error}.") from error
    return (
        f"restored {', '.join(wanted) or 'nothing'} of {source}; already there: {', '.join(sorted(same)) or 'nothing'}"
    )
