"""What the machine does not allow is said before the work, and is never taken for a damaged release."""

from __future__ import annotations

import resource
import signal
import subprocess
from pathlib import Path

import pytest

from smv_ai.build import making, run
from smv_ai.build.progress import Progress
from smv_ai.environment import Kind
from smv_ai.errors import NoReleaseError, NotLookedError, SystemStateError
from smv_ai.releases import apart


def ended_by(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(apart.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], -number, b"", b""))


def test_a_process_killed_from_outside_says_nothing_of_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    ended_by(monkeypatch, signal.SIGKILL)
    with pytest.raises(NotLookedError, match="ended from outside"):
        apart.look("problems", "release")
    ended_by(monkeypatch, signal.SIGSEGV)
    with pytest.raises(NoReleaseError, match="SIGSEGV") as caught:
        apart.look("problems", "release")
    assert not isinstance(caught.value, NotLookedError)


def test_a_current_release_that_nobody_could_look_at_is_not_replaced(
    release_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended_by(monkeypatch, signal.SIGKILL)
    with pytest.raises(NotLookedError, match="current release was not looked at.*Nothing was switched"):
        making._intact_current(release_dir, Progress(print, on_terminal=False), Kind.WAREHOUSE)


@pytest.mark.parametrize("most", [resource.RLIM_INFINITY, run.LEAST_ADDRESS_SPACE])
def test_enough_memory_is_not_spoken_of(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.resource, "getrlimit", lambda _: (most, most))
    run._refuse_little_memory()


def test_little_memory_is_said_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.resource, "getrlimit", lambda _: (600 * 2**20, 600 * 2**20))
    with pytest.raises(SystemStateError, match="limited to 600 MiB"):
        run._refuse_little_memory()
