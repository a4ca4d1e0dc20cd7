"""The history of runs: one line of JSON an event, only ever added to, beside the releases.

A run writes a line when it starts and one when it ends. A run that was killed has no second line; the next run adds
it. So the history survives whatever happens to a build, and is complete whenever somebody holds the lock.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from smv_ai.errors import ExitCode
from smv_ai.releases import CURRENT, STAGING_PREFIX, discard, facts_or_none, find_current, release_names, straighten

HISTORY_NAME = "runs.jsonl"
IDS = {str, type(None)}


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
    row_count: int | None = None
    message: str | None = None


def now_text() -> str:
    """The time now as the history writes it."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def new_run(command: str) -> Run:
    """A run that starts now."""
    started = now_text()
    return Run(f"{started}-{os.getpid()}", command, "started", started)


def append(folder: Path, run: Run) -> None:
    """Add a line in one write and force it to the disk; a torn last line of an earlier run is closed first."""
    path = folder / HISTORY_NAME
    line = json.dumps(asdict(run), ensure_ascii=False) + "\n"
    with path.open("ab+") as handle:
        if handle.seek(0, os.SEEK_END):
            handle.seek(-1, os.SEEK_END)
            if handle.read(1) != b"\n":
                line = "\n" + line
        handle.write(line.encode("utf-8"))
        handle.flush()
        os.fsync(handle.fileno())


def read(folder: Path) -> tuple[list[Run], int]:
    """All runs, oldest first, each in its latest state; and how many lines are unreadable (torn by a kill)."""
    path = folder / HISTORY_NAME
    if not path.exists():
        return [], 0
    known = {field.name for field in fields(Run)}
    runs: dict[str, Run] = {}
    unreadable = 0
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):  # a text may hold other line ends
        if line:
            try:
                event = json.loads(line)
                run = Run(**{name: value for name, value in event.items() if name in known})
                if not isinstance(run.run_id, str) or {type(run.release_id), type(run.previous_release_id)} - IDS:
                    raise TypeError("an id is no text")
            except (ValueError, TypeError, AttributeError):
                unreadable += 1
                continue
            runs[run.run_id] = run
    return list(runs.values()), unreadable


def _ended(run: Run, folder: Path) -> Run:
    """The missing end of a run that was killed: built where `current` points to its release, else interrupted."""
    name = find_current(folder).name
    if name is not None:
        facts = facts_or_none(folder / name)
        if facts is not None and facts.get("run_id") == run.run_id:
            return Run(**asdict(run) | {
                "outcome": "built", "exit_code": int(ExitCode.DONE), "finished_at": now_text(), "release_id": name,
                "previous_release_id": facts.get("previous_release_id"), "content_hash": facts["content_hash"],
                "row_count": sum(facts["rows"].values()), "message": "killed after the release was published",
            })  # fmt: skip
    return Run(**asdict(run) | {
        "outcome": "interrupted", "exit_code": int(ExitCode.INTERRUPTED), "finished_at": now_text(),
        "message": "killed; nothing was published",
    })  # fmt: skip


def recover(folder: Path) -> list[str]:
    """Clear what interrupted runs have left; the caller holds the lock. Returns a line for each thing done.

    Staging folders go, runs without an end get one, and a release folder whose run never switched to it goes too,
    unless it cannot be told where `current` leads.
    """
    done = []
    straighten(folder)
    current = find_current(folder)
    for path in [*folder.glob(f"{STAGING_PREFIX}*")]:
        if current.path is not None and current.path.is_relative_to(os.path.realpath(path)):
            done.append(f"left {path.name} though an interrupted run made it: {current.problem}")
            continue
        discard(path)
        done.append(f"removed {path.name}, left by an interrupted run")
    unfinished = {run.run_id: run for run in read(folder)[0] if run.outcome == "started"}
    if not unfinished:
        return done
    for name in release_names(folder):
        if name == current.name or (facts_or_none(folder / name) or {}).get("run_id") not in unfinished:
            continue
        if current.name is None and os.path.lexists(folder / CURRENT):
            done.append(f"left {name} of an interrupted run: {current.problem}")
        else:
            discard(folder / name)
            done.append(f"removed {name}, complete but never published by an interrupted run")
    for run in unfinished.values():
        ended = _ended(run, folder)
        append(folder, ended)
        done.append(f"run {run.run_id} had no end: {ended.outcome}")
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
