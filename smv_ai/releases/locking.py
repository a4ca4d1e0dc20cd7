"""One writer at a time: an operating-system lock, which the kernel drops when its holder dies."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path

from filelock import FileLock, Timeout

from smv_ai.errors import LockedError, SystemStateError

LOCK_NAME = ".lock"


@contextlib.contextmanager
def only_writer(*folders: Path, wait_seconds: float = 0) -> Generator[None]:
    """Hold the lock of every folder (made where it is missing), always in the order given.

    Raises LockedError where another run holds one longer than `wait_seconds` (negative: wait without end), and
    SystemStateError where a folder cannot be written.
    """
    with contextlib.ExitStack() as held:
        for folder in folders:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                held.enter_context(FileLock(folder / LOCK_NAME, timeout=wait_seconds))
            except Timeout as error:
                raise LockedError(
                    f"Another run is writing in {folder}. Nothing was done; look at `smv-ai status`, "
                    "try again later or use --wait."
                ) from error
            except (OSError, NotImplementedError) as error:
                raise SystemStateError(
                    f"Cannot write in {folder}: {error}. Free space or set SMV_AI_RELEASE_DIR."
                ) from error
        yield
