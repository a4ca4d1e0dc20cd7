"""The history of runs: one line of JSON an event, only ever added to, beside the releases.

A run writes a line when it starts and one when it ends. A run that was killed has no second line; the next run adds
it. So the history survives whatever happens to a build, and is complete whenever somebody holds the lock.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from smv_ai.environment import PROJECT_DIR, Kind, release_dir, rights_of_readers
from smv_ai.errors import ExitCode
from smv_ai.releases import shape
from smv_ai.releases.folder import (
    ASIDE_PREFIX,
    CURRENT,
    STAGING_PREFIX,
    discard,
    facts_or_none,
    find_current,
    release_names,
    straighten,
)

HISTORY_NAME = "runs.jsonl"
LONGEST_LINE = 2**20
LONGEST_MESSAGE = 2000
FOLDERS = re.compile(r"(?<![\w.])/(?:[^/\s'\"`:;,()]+/)+")
OF_A_FILE = 0o644  # its owner adds to it
LOCAL_TIME = shape.Rule(
    "a time as 2026-01-31T12:00:00, in UTC without offset",
    lambda value: shape.MOMENT_TEXT.holds(value) and value[-1] != "Z" and "+" not in value and value.count("-") == 2,
)
RULES = {
    "run_id": shape.TEXT,
    "command": shape.TEXT,
    "outcome": shape.TEXT,
    "started_at": LOCAL_TIME,
    "finished_at": LOCAL_TIME.or_none(),
    "run_seconds": shape.SECONDS.or_none(),
    "exit_code": shape.whole_number(-255, 255).or_none(),
    "release_id": shape.TEXT.or_none(),
    "previous_release_id": shape.TEXT.or_none(),
    "content_hash": shape.SHA256.or_none(),
    "fingerprint": shape.SHA256.or_none(),
    "facts_hash": shape.SHA256.or_none(),
    "row_count": shape.COUNT.or_none(),
    "message": shape.TEXT.or_none(),
}
REQUIRED = ("run_id", "command", "outcome", "started_at")
OF_A_RELEASE = ("finished_at", "release_id", "content_hash", "row_count")


@dataclass(frozen=True)
class Run:
    """One run of a command that writes; times are ISO 8601 in UTC, without offset."""

    run_id: str
    command: str
    outcome: str  # started, built, unchanged, rolled_back, bad_input, tests_failed, ..., interrupted
    started_at: str
    finished_at: str | None = None
    run_seconds: float | None = None
    exit_code: int | None = None
    release_id: str | None = None
    previous_release_id: str | None = None
    content_hash: str | None = None
    fingerprint: str | None = None
    facts_hash: str | None = None
    row_count: int | None = None
    message: str | None = None


def now_text() -> str:
    """The time now as the history writes it."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def new_run(command: str) -> Run:
    """A run that starts now."""
    started = now_text()
    return Run(f"{started}-{os.getpid()}", command, "started", started)


def unchanged(run: Run, release_id: str, why: str) -> Run:
    """The run as it ended where a build had nothing to publish."""
    return replace(
        run, outcome="unchanged", exit_code=int(ExitCode.UNCHANGED), message=why, release_id=release_id,
    )  # fmt: skip


def public_text(text: str) -> str:
    """The first line, not too long, without the folders of this machine: history and change report are released."""
    text = next(iter(text.splitlines()), "")[:LONGEST_MESSAGE].replace("\0", "")
    text = text.encode("utf-8", "replace").decode("utf-8")
    folders = [release_dir(kind) for kind in Kind]
    for folder in (*folders, *(folder.resolve() for folder in folders), PROJECT_DIR):
        text = text.replace(str(folder), folder.name)
    return FOLDERS.sub("", text)


def append(folder: Path, run: Run) -> None:
    """Add a line in one write and force it to the disk; a torn last line of an earlier run is closed first."""
    path = folder / HISTORY_NAME
    is_new = not path.exists()
    line = json.dumps(asdict(run), ensure_ascii=False) + "\n"
    with path.open("ab+") as handle:
        if handle.seek(0, os.SEEK_END):
            handle.seek(-1, os.SEEK_END)
            if handle.read(1) != b"\n":
                line = "\n" + line
        handle.write(line.encode("utf-8"))
        handle.flush()
        if is_new:
            os.fchmod(handle.fileno(), rights_of_readers() & OF_A_FILE)
        os.fsync(handle.fileno())


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of the file, a longer one in pieces: the line break is the only separator, not U+2028 and its like."""
    with path.open("rb") as handle:
        while line := handle.readline(LONGEST_LINE):
            if line.strip():
                yield line


def _run_of(line: bytes) -> Run:
    """The run that a line tells of; raises shape.ShapeError. What is published can be named in full."""
    run = Run(**shape.checked(shape.parsed(line), RULES, REQUIRED))
    if run.outcome == "built" and any(getattr(run, name) is None for name in OF_A_RELEASE):
        raise shape.ShapeError(f"a run that published has {', '.join(OF_A_RELEASE)}")
    return run


def read(folder: Path) -> tuple[list[Run], int]:
    """All runs, oldest first, each in its latest state; and how many lines are unreadable (torn by a kill, damaged)."""
    path = folder / HISTORY_NAME
    if not path.is_file():
        return [], int(os.path.lexists(path))
    runs: dict[str, Run] = {}
    unreadable = 0
    for line in _lines(path):
        try:
            run = _run_of(line)
        except shape.ShapeError:
            unreadable += 1
            continue
        runs[run.run_id] = run
    return list(runs.values()), unreadable


def ended(run: Run, folder: Path) -> Run:
    """The missing end of a run that was killed: built where `current` points to its release, else interrupted."""
    name = find_current(folder).name
    facts = facts_or_none(folder / name) if name is not None else None
    if facts is not None and facts["run_id"] == run.run_id and facts["content_hash"] is not None:
        return replace(
            run, outcome="built", exit_code=int(ExitCode.DONE), finished_at=now_text(), release_id=name,
            previous_release_id=facts["previous_release_id"], content_hash=facts["content_hash"],
            row_count=sum(facts["rows"].values()), message="killed after the release was published",
        )  # fmt: skip
    return replace(
        run, outcome="interrupted", exit_code=int(ExitCode.INTERRUPTED), finished_at=now_text(),
        message="killed; nothing was published",
    )  # fmt: skip


def _set_aside(folder: Path) -> list[str]:
    """Make way for the history where something that cannot hold it (a folder, a pipe, a dangling link) has its name."""
    path = folder / HISTORY_NAME
    if path.is_file() or not os.path.lexists(path):
        return []
    aside = f"{ASIDE_PREFIX}{HISTORY_NAME}-{secrets.token_hex(4)}"
    os.rename(path, folder / aside)
    return [f"{HISTORY_NAME} was no file: set aside as {aside}; the history begins anew"]


def recover(folder: Path) -> list[str]:
    """Clear what interrupted runs have left; the caller holds the lock. Returns a line for each thing done.

    Staging folders go, runs without an end get one, and a release folder whose run never switched to it goes too,
    unless it cannot be told where `current` leads.
    """
    done = _set_aside(folder)
    straighten(folder)
    current = find_current(folder)
    for path in [*folder.glob(f"{STAGING_PREFIX}*")]:
        if current.path is not None and current.path.is_relative_to(os.path.realpath(path)):
            done.append(f"left {path.name} though an interrupted run made it: {current.problem}")
            continue
        discard(path)
        done.append(f"removed {path.name}, left by an interrupted run")
    runs, unreadable = read(folder)
    if unreadable:
        done.append(f"{unreadable} lines of {HISTORY_NAME} cannot be read; they stay and are passed over")
    unfinished = {run.run_id: run for run in runs if run.outcome == "started"}
    if not unfinished:
        return done
    for name in release_names(folder):
        facts = facts_or_none(folder / name)
        if name == current.name or facts is None or facts["run_id"] not in unfinished:
            continue
        if current.name is None and os.path.lexists(folder / CURRENT):
            done.append(f"left {name} of an interrupted run: {current.problem}")
        else:
            discard(folder / name)
            done.append(f"removed {name}, complete but never published by an interrupted run")
    for run in unfinished.values():
        end = ended(run, folder)
        append(folder, end)
        done.append(f"run {run.run_id} had no end: {end.outcome}")
    return done


def rejected_hashes(runs: list[Run]) -> dict[str, str]:
    """Content that somebody rolled back from, and is not to come back by itself: its hash and release id."""
    rejected: dict[str, str] = {}
    hashes = {run.release_id: run.content_hash for run in runs if run.outcome == "built"}
    for run in runs:
        if run.outcome == "rolled_back" and run.previous_release_id in hashes:
            content = hashes[run.previous_release_id]
            if content is not None:
                rejected[content] = run.previous_release_id or ""
        if run.outcome in ("built", "rolled_back") and hashes.get(run.release_id) is not None:
            rejected.pop(hashes[run.release_id] or "", None)
    return rejected
