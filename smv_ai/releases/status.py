"""What an operator wants to see at a glance. Only the standard library: it must answer at once."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from smv_ai.environment import PROJECT_DIR, Kind, overdue_hours, survey_days
from smv_ai.errors import BadInputError, LockedError, NoReleaseError, SystemStateError
from smv_ai.releases import history
from smv_ai.releases.facts import Facts
from smv_ai.releases.folder import (
    ASIDE_PREFIX,
    PIN_NAME,
    STAGING_PREFIX,
    Release,
    current_release,
    facts_of,
    find_current,
    foreign_entries,
    foreign_folders,
    prunable,
    release_names,
)
from smv_ai.releases.locking import LOCK_NAME, only_writer
from smv_ai.seeds.lock import count_unaccepted
from smv_ai.sql.opening import refuse_damaged_head

GOOD = ("built", "unchanged")
SEEDS, SURVEYS, RESPONSES = "seeds/*/*.csv", "surveys/*.yml", "responses/**/*.parquet"


def _in_the_way(folder: Path) -> list[str]:
    """What keeps releases from being pruned, and what was found in the place of a link."""
    lines = [f"{name} is no release: look at it and remove it" for name in foreign_folders(folder)]
    if os.path.lexists(folder / LOCK_NAME) and not (folder / LOCK_NAME).is_file():
        lines.append(f"{LOCK_NAME} is no file, so nothing can be written: remove it")
    if release_names(folder) and (problem := find_current(folder).problem):
        lines.append(f"nothing is pruned: {problem}")
    aside = sorted(path.name for path in folder.glob(f"{ASIDE_PREFIX}*"))
    return lines + [f"{name} stood in the place of a link: look at it and remove it" for name in aside]


def quick_problems(release: Release, facts: Facts) -> list[str]:
    """What is seen to be wrong with a release without reading its files: head and length, what lacks or is foreign."""
    problems = []
    try:
        refuse_damaged_head(release.database, facts["database_bytes"])
    except NoReleaseError as error:
        problems.append(str(error))
    missing = [name for name in facts["files"] if not os.path.isfile(release.path / name)]
    found = [*(f"{name} is missing" for name in missing), *foreign_entries(release.path, facts)]
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        problems.append(f"release {release.path.name} is damaged: {'; '.join(found[:3])}{more}; run `smv-ai verify`")
    return problems


def _is_writing(folder: Path) -> bool | None:
    """True where a run holds the lock; None where this user may not look (readers need no right to write)."""
    if not os.path.lexists(folder / LOCK_NAME):
        return False  # nobody ever wrote here; to look is not to write
    if not os.access(folder, os.W_OK):
        return None
    try:
        with only_writer(folder):
            return False
    except LockedError:
        return True
    except SystemStateError:
        return None  # what stands in the place of the lock says `_in_the_way`


def _hours_since(text: str, now: datetime) -> float:
    then = datetime.fromisoformat(text)
    return (now - (then if then.tzinfo else then.replace(tzinfo=UTC))).total_seconds() / 3600


def _newer_inputs(project: Path, last_good: history.Run) -> list[str]:
    """Seeds, survey and response files that came after the last successful run began."""
    began = datetime.fromisoformat(last_good.started_at).replace(tzinfo=UTC).timestamp()
    inputs = [*project.glob(SEEDS), *project.glob(SURVEYS), *project.glob(RESPONSES)]
    newer = sorted(path.relative_to(project).as_posix() for path in inputs if path.stat().st_mtime > began)
    if not newer:
        return []
    return [f"{len(newer)} input files are newer than the last successful run, for example {newer[0]}"]


def _old_responses(project: Path, now: datetime) -> list[str]:
    loaded = max((path.stat().st_mtime for path in project.glob(RESPONSES)), default=None)
    if loaded is None or now - (newest := datetime.fromtimestamp(loaded, UTC)) <= timedelta(days=survey_days()):
        return []
    return [f"the newest response file was loaded on {newest.date()}; load the next wave"]


def _overdue(facts: Facts | None, last_good: history.Run | None, now: datetime) -> list[str]:
    lines = []
    if last_good is None or last_good.finished_at is None:
        lines.append("no run has succeeded yet")
    elif (hours := _hours_since(last_good.finished_at, now)) > overdue_hours():
        lines.append(f"the last successful run is {hours:.0f} hours old (limit {overdue_hours()})")
    if last_good is not None:
        lines += _newer_inputs(PROJECT_DIR, last_good)
    lines += _old_responses(PROJECT_DIR, now)
    for survey in facts["surveys_that_repeat"] if facts else []:
        age = now.date() - datetime.fromisoformat(survey["last_date"]).date()
        if age > timedelta(days=survey_days()):
            lines.append(f"{survey['label']}: the last wave is of {survey['last_date']}; look for the next")
    return lines


def status(folder: Path, now: datetime | None = None, kind: Kind = Kind.WAREHOUSE) -> dict[str, Any]:
    """Current release, last run, last success, what is overdue, disk, and what stands in the way, as data.

    `kind`: what the folder is for; a current release of the other kind is a problem.
    """
    now = now or datetime.now(UTC)
    runs, unreadable = history.read(folder)
    last = runs[-1] if runs else None
    last_good = next((run for run in reversed(runs) if run.outcome in GOOD), None)
    problems = [f"{unreadable} lines of {history.HISTORY_NAME} cannot be read"] if unreadable else []
    try:
        current = current_release(folder, kind)
        facts = facts_of(current.path)
        problems += quick_problems(current, facts)
    except NoReleaseError as error:
        current, facts = None, None
        problems.append(str(error))
    names = release_names(folder)
    problems += _in_the_way(folder)
    writing = _is_writing(folder) if folder.is_dir() else False
    if writing is False and folder.is_dir() and (left := len(list(folder.glob(f"{STAGING_PREFIX}*")))):
        problems.append(f"{left} folders left by interrupted runs; the next build removes them")
    try:
        unaccepted = count_unaccepted(PROJECT_DIR / "seeds")
    except BadInputError as error:
        unaccepted = None
        problems.append(str(error))
    return {
        "kind": str(kind),
        "current_release_id": current and current.release_id,
        "created_at": current and current.created_at,
        "age_hours": current and round(_hours_since(current.created_at, now), 1),
        "rows": sum(facts["rows"].values()) if facts else None,
        "content_hash": facts and facts.get("content_hash"),
        "is_running": writing,
        "last_run": last and vars(last),
        "last_success": last_good and vars(last_good),
        "releases": len(names),
        "pinned": [name for name in names if (folder / name / PIN_NAME).exists()],
        "prunable": prunable(folder) if folder.is_dir() else [],
        "free_bytes": shutil.disk_usage(folder).free if folder.is_dir() else None,
        "overdue": _overdue(facts, last_good, now),
        "rows_not_accepted": unaccepted,
        "problems": problems,
    }


def _run_line(run: dict[str, Any] | None) -> str:
    if run is None:
        return "none"
    outcome = "running or killed" if run["outcome"] == "started" else run["outcome"]
    seconds = f", {run['run_seconds']} s" if run["run_seconds"] is not None else ""
    message = f" — {run['message']}" if run["message"] else ""
    return f"{run['started_at'][:19]}Z {run['command']}: {outcome}{seconds}{message}"


def as_text(found: dict[str, Any]) -> str:
    """The status for people."""
    age = f", {found['age_hours']} hours old, {found['rows']} rows" if found["current_release_id"] else ""
    free = f"{found['free_bytes'] / 1e9:.1f} GB free" if found["free_bytes"] is not None else "no folder"
    lines = [
        f"kind             {found['kind']}",
        f"current release  {found['current_release_id'] or 'none'}{age}",
        f"last run         {_run_line(found['last_run'])}",
        f"last success     {_run_line(found['last_success'])}",
        f"running now      { ({True: 'yes', False: 'no', None: 'unknown'}[found['is_running']]) }",
        f"releases         {found['releases']}, pinned: {', '.join(found['pinned']) or 'none'}; {free}",
        f"overdue          {'; '.join(found['overdue']) or 'nothing'}",
    ]
    if found["rows_not_accepted"]:
        lines.append(f"to be accepted   {found['rows_not_accepted']} rows of the seeds: smv-ai accept")
    return "\n".join([*lines, *(f"problem          {problem}" for problem in found["problems"])])


def history_lines(runs: list[history.Run], releases: Path, limit: int) -> list[str]:
    """The last runs, newest first, one line each; an asterisk marks the release that is current."""
    current = find_current(releases).name
    lines = []
    for run in list(reversed(runs))[:limit]:
        mark = "*" if run.release_id is not None and run.release_id == current else " "
        lines.append(f"{mark} {run.release_id or '-':<18}{_run_line(vars(run))}")
    return lines
