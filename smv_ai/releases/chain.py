"""The chain of releases: which one was current before which, and the id of the next.

Ids are made from the clock, and a clock may go back. So what came before what is read from the releases themselves
and from the history, both of which name the previous release; the id says it only where neither does.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from smv_ai.errors import SystemStateError
from smv_ai.releases import history
from smv_ai.releases.folder import facts_or_none, release_names

ID_FORMAT = "%Y%m%dT%H%M%SZ"
ID = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def predecessors(folder: Path) -> dict[str, str]:
    """The release that was current when a release was made, by the latter's name; pruned ones included."""
    runs, _ = history.read(folder)
    found = {run.release_id: run.previous_release_id for run in runs if run.outcome == "built"}
    found |= {name: facts["previous_release_id"] for name in release_names(folder)
              if isinstance((facts := facts_or_none(folder / name) or {}).get("previous_release_id"), str)}  # fmt: skip
    return {name: before for name, before in found.items() if isinstance(name, str) and isinstance(before, str)}


def _back_from(name: str | None, before: dict[str, str], known: Container[str] = ()) -> list[str]:
    """A name and those before it up to a known one, newest first; a circle in damaged facts is walked once."""
    walked: dict[str, None] = {}
    while name is not None and name not in walked and name not in known:
        walked[name] = None
        name = before.get(name)
    return list(walked)


def oldest_first(folder: Path) -> list[str]:
    """The releases in the order in which they were made: as the history has it, each after those of its chain.

    Releases that the history does not know come where their name puts them.
    """
    runs, _ = history.read(folder)
    built = list(dict.fromkeys(run.release_id for run in runs if run.outcome == "built" and run.release_id))
    rank, reached = {name: place for place, name in enumerate(built)}, 0
    before, names = predecessors(folder), release_names(folder)
    ordered: dict[str, None] = {}
    for name in names:
        upto = max(reached, rank.get(name, 0))
        for made in [*built[reached:upto], name]:
            ordered |= dict.fromkeys(reversed(_back_from(made, before, ordered)))
        reached = upto
    present = set(names)
    return [name for name in ordered if name in present]


def release_before(folder: Path, name: str) -> str | None:
    """The release, of those that are there, that a reader saw before that one; None where there is none.

    Where the chain has a gap (a build found a release that it could not read), it is the one that was made before.
    """
    order = oldest_first(folder)
    chain = [earlier for earlier in _back_from(name, predecessors(folder))[1:] if earlier in order]
    if chain:
        return chain[0]
    made_before = order[: order.index(name)] if name in order else []
    return made_before[-1] if made_before else None


def known_ids(folder: Path) -> set[str]:
    """Every id that a release has or has had, as far as folder and history tell."""
    runs, _ = history.read(folder)
    before = predecessors(folder)
    told = [run.release_id for run in runs] + [run.previous_release_id for run in runs] + [*before, *before.values()]
    present = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return {name for name in [*told, *present] if isinstance(name, str) and ID.fullmatch(name)}


def new_release_id(known: Iterable[str] = (), now: datetime | None = None) -> str:
    """An id later than all known ones: the time in UTC (20261121T184500Z), or a second after the latest id.

    Raises SystemStateError where the latest is the last that can be written.
    """
    candidate = (now or datetime.now(UTC)).strftime(ID_FORMAT)
    latest = max(filter(_is_time, known), default="")
    if candidate > latest:
        return candidate
    try:
        return (datetime.strptime(latest, ID_FORMAT) + timedelta(seconds=1)).strftime(ID_FORMAT)
    except OverflowError as error:
        raise SystemStateError(f"No release id is later than {latest}: remove what bears this name.") from error


def _is_time(name: str) -> bool:
    try:
        return bool(ID.fullmatch(name) and datetime.strptime(name, ID_FORMAT))
    except ValueError:
        return False
