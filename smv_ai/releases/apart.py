"""Look into a release in a process of its own: a damaged or foreign database can crash, hang or fill what opens it.

`python -m smv_ai.releases.apart TASK ARGUMENT ...` runs a task and prints its answer as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from smv_ai.errors import NoReleaseError, NotLookedError, environment_cause

SECONDS = 120.0  # a release of today takes two
MODULE = "smv_ai.releases.apart"
PROCESS_BYTES = 8 * 2**30  # address space, of which a release of today uses a tenth


def _compare(older: str, newer: str) -> dict[str, Any]:
    from smv_ai.releases.changes import compare

    return compare(Path(older), Path(newer))


def _problems(folder: str) -> list[str]:
    from smv_ai.releases.folder import release_at
    from smv_ai.releases.verify import problems_of

    return problems_of(release_at(Path(folder)))


def _holding(database: str, kind: str) -> dict[str, Any]:
    from smv_ai.environment import Kind
    from smv_ai.releases.vanished import holding_of

    return vars(holding_of(Path(database), Kind(kind)))


TASKS: dict[str, Callable[..., Any]] = {"compare": _compare, "holding": _holding, "problems": _problems}


def look(task: str, *arguments: Path | str, seconds: float = SECONDS) -> Any:
    """The answer of a task of TASKS on paths and words; raises NoReleaseError where it fails, dies or takes long.

    That is NotLookedError where the machine, not the release, stood in the way.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-X", "utf8", "-m", MODULE, task, *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
            env=os.environ | {"SMV_AI_PARENT": str(os.getpid())},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NoReleaseError(f"reading it was given up after {seconds:.0f} seconds") from None
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        if name == "SIGKILL":  # no file makes a program end itself so
            raise NotLookedError(
                "this machine does not allow to look into it (the process that did was ended from outside, most likely "
                "for want of memory)"
            )
        raise NoReleaseError(f"the process that read it was ended by {name}")
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode > 0:
        if lines and (cause := environment_cause(lines[-1])):
            raise NotLookedError(f"this machine does not allow to look into it ({cause})")
        raise NoReleaseError(f"it cannot be read ({lines[-1] if lines else f'code {done.returncode}'})")
    return json.loads(done.stdout)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _confine() -> None:
    """No memory without end, no core file, no wish to stop by itself: who started this process ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # where less is allowed already, that holds
        resource.setrlimit(resource.RLIMIT_AS, (PROCESS_BYTES, PROCESS_BYTES))
    if parent := os.environ.get("SMV_AI_PARENT"):
        Thread(target=_end_with_parent, args=(int(parent),), daemon=True).start()


def main(task: str, *arguments: str) -> None:
    """Run the task; an expected failure is one line on standard error and code 1."""
    _confine()
    try:
        answer = TASKS[task](*arguments)
    except Exception as error:  # whatever reading a stranger's file gives: one line of it goes back
        first = (str(error) or type(error).__name__).splitlines()[0]
        sys.stderr.write(f"{first}\n")
        sys.stderr.flush()
        os._exit(1)
    print(json.dumps(answer, default=str))
    sys.stdout.flush()
    os._exit(0)  # a database that was half read may not close


if __name__ == "__main__":
    main(*sys.argv[1:])
