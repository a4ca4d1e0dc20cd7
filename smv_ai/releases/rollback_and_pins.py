"""What an operator does with releases that are there: go back, pin, unpin."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from smv_ai.environment import Kind, release_dir
from smv_ai.errors import ExitCode, NoReleaseError
from smv_ai.releases import history
from smv_ai.releases.chain import oldest_first, release_before
from smv_ai.releases.folder import CURRENT, Release, find_current, find_release, pin, release_names, switch, unpin
from smv_ai.releases.locking import only_writer
from smv_ai.releases.verify import verify


def _left(releases: Path) -> str | None:
    """What `current` names, also where that is no longer there."""
    link = releases / CURRENT
    return find_current(releases).name or (Path(os.readlink(link)).name if link.is_symlink() else None)


def _before_current(releases: Path) -> str:
    """The release before the current one in the chain; the newest where `current` leads to nothing that is known."""
    left, names = _left(releases), oldest_first(releases)
    found = release_before(releases, left) if left else None
    if found is None and left not in names and names:
        return names[-1]
    if found is None:
        there = ", ".join(release_names(releases)) or "none"
        raise NoReleaseError(f"There is no release before {left}; there are: {there}.")
    return found


def rollback(release_id: str | None, wait_seconds: float = 0, kind: Kind = Kind.WAREHOUSE) -> Release:
    """Point `current` to an earlier release after verifying it; by default the one before it in the chain of releases.

    The content that was left is not published again by the next build unless it is forced.
    Raises NoReleaseError where there is none, or it is damaged or of the other kind; `current` is then as it was.
    """
    releases = release_dir(kind)
    with only_writer(releases, wait_seconds=wait_seconds):
        history.recover(releases)
        target = find_release(release_id or _before_current(releases), releases, kind)
        verify(target)
        left = _left(releases)
        run = history.new_run("rollback")
        switch(releases, target.path.name)
        history.append(releases, replace(
            run, outcome="rolled_back", exit_code=int(ExitCode.DONE), finished_at=history.now_text(),
            release_id=target.release_id, previous_release_id=left,
        ))  # fmt: skip
    return target


def set_pin(release_id: str | None, reason: str | None, kind: Kind = Kind.WAREHOUSE) -> Release:
    """Pin a release in the folder of a kind with a reason, or unpin it where the reason is None."""
    with only_writer(release_dir(kind), wait_seconds=5):
        target = find_release(release_id, release_dir(kind), None)
        if reason is None:
            unpin(target)
        else:
            pin(target, reason)
    return target
