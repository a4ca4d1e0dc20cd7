"""What an operator does with releases that are there: go back, pin, unpin."""

from __future__ import annotations

from dataclasses import replace

from smv_ai import history
from smv_ai.errors import ExitCode, NoReleaseError
from smv_ai.locking import only_writer
from smv_ai.paths import release_dir
from smv_ai.releases import Release, current_name, find_release, pin, release_names, switch, unpin
from smv_ai.verify import verify


def _before_current() -> str:
    names, current = release_names(release_dir()), current_name(release_dir())
    older = [name for name in names if current is None or name < current]
    if not older:
        raise NoReleaseError(f"There is no release before {current}; there are: {', '.join(names) or 'none'}.")
    return older[-1]


def rollback(release_id: str | None, wait_seconds: float = 0) -> Release:
    """Point `current` to an earlier release (the one before by default) after verifying it.

    The content that was left is not published again by the next build unless it is forced.
    Raises NoReleaseError where there is none or it is damaged; `current` is then as it was.
    """
    releases = release_dir()
    with only_writer(releases, wait_seconds=wait_seconds):
        history.recover(releases)
        target = find_release(release_id or _before_current(), releases)
        verify(target)
        left = current_name(releases)
        run = history.new_run("rollback")
        switch(releases, target.release_id)
        history.append(releases, replace(
            run, outcome="rolled_back", exit_code=int(ExitCode.DONE), finished_at=history.now_text(),
            release_id=target.release_id, previous_release_id=left,
        ))  # fmt: skip
    return target


def set_pin(release_id: str | None, reason: str | None) -> Release:
    """Pin a release with a reason, or unpin it where the reason is None."""
    with only_writer(release_dir(), wait_seconds=5):
        target = find_release(release_id)
        if reason is None:
            unpin(target)
        else:
            pin(target, reason)
    return target
