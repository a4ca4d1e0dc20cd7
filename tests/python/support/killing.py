"""A command of the intake killed (SIGKILL) at a given step: before the n-th touch of a file or folder by Python."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from smv_ai.cli import main

# What Python says before it does it; the writing of Parquet in between is C++ and says nothing.
STEPS = {
    "open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate",
    "shutil.copyfile", "shutil.rmtree",
}  # fmt: skip


def killed_at(step: int, folders: Sequence[Path], *arguments: str) -> bool:
    """Run the command in a process of its own, killed before step `step` within the folders; whether it came so far.

    Only files that may be written are steps: reading changes nothing.
    """
    child = os.fork()
    if child == 0:
        _run(step, tuple(map(str, folders)), arguments)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _run(step: int, folders: tuple[str, ...], arguments: Sequence[str]) -> None:
    count = 0

    def hook(event: str, given: tuple) -> None:
        nonlocal count
        if event not in STEPS or not any(str(part).startswith(folders) for part in given[:2]):
            return
        if event == "open" and isinstance(given[1], str) and given[1][:1] == "r" and "+" not in given[1]:
            return
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.addaudithook(hook)
        main(list(arguments), standalone_mode=False)
        code = 0
    except SystemExit as error:
        code = int(error.code or 0)
    finally:
        os._exit(code)
