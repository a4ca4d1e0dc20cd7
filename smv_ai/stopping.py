"""A stop signal ends a run in time, whatever the run is doing.

First in order: KeyboardInterrupt in the main thread, so that what was begun is cleared up. A call that does not come
back (DuckDB waiting for a full disk, a library that swallows the interrupt) never lets Python see the signal; so a
second thread is told of it by the signal's C handler, and ends the process when the time is over. The kernel then drops
the lock, and the next run clears up what was left.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from smv_ai.errors import ExitCode, SystemStateError

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SECONDS = 5.0  # to end in order
SECONDS_FOR_LAST_WORDS = 2.0
SECONDS_FULL, SECONDS_BETWEEN_LOOKS = 60.0, 5.0
PAGE = 4096


class _State:
    """What this process knows about being stopped."""

    def __init__(self) -> None:
        self.is_asked = False
        self.is_finishing = False
        self.last_words: Callable[[], int] | None = None
        self.cause: BaseException | None = None


_state = _State()


def is_asked() -> bool:
    """Whether somebody asked this process to stop and it is not past the point where it finishes all the same."""
    return _state.is_asked and not _state.is_finishing


def is_finishing() -> bool:
    """Whether this process is past the point where a signal interrupts it."""
    return _state.is_finishing


def cause() -> BaseException:
    """What the run ends with that was asked to stop: a full disk asks in the same way as a signal does."""
    return _state.cause or KeyboardInterrupt()


def finish() -> None:
    """From here on a signal no longer interrupts: what is left is short, and half of it would be worse than all.

    Raises KeyboardInterrupt where a stop was asked before. The hard end holds all the same.
    """
    _state.is_finishing = not _state.is_asked
    if _state.is_asked:
        raise KeyboardInterrupt


def finish_at_once() -> None:
    """As `finish`, for the writing of how a run ended: raises nothing."""
    _state.is_finishing = True


def at_hard_end(last_words: Callable[[], int] | None) -> None:
    """What to do before a hard end, in another thread than the one that hangs; returns the exit code."""
    _state.last_words = last_words


def _interrupt(*_: Any) -> None:
    if not _state.is_asked and not _state.is_finishing:
        _state.is_asked = True
        raise KeyboardInterrupt


def _end_hard() -> None:
    """End this process and what hangs in it; what it wanted to say is said if that goes quickly."""
    code = [int(getattr(_state.cause, "exit_code", ExitCode.INTERRUPTED))]

    def speak() -> None:
        if _state.last_words is not None:
            code[0] = _state.last_words()

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    speaker.join(SECONDS_FOR_LAST_WORDS)
    words = f"smv-ai: {_state.cause or 'stopped'}; what did not end was ended, the next run clears up what is left.\n"
    with contextlib.suppress(OSError):
        os.write(2, words.encode())
    os._exit(code[0])


def _watch(told: int, over: threading.Event) -> None:
    """Wait for the first signal, then give the main thread its time."""
    while not (heard := os.read(told, 1)) or heard[0] not in SIGNALS:
        if not heard:
            return
    if not over.wait(SECONDS):
        _end_hard()


@contextlib.contextmanager
def stoppable() -> Generator[None]:
    """Inside, SIGTERM and SIGINT raise KeyboardInterrupt once, and end the process hard where that does not end it.

    For the main thread of a command; the time runs until the block is left.
    """
    _state.__init__()  # type: ignore[misc]
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    over = threading.Event()
    threading.Thread(target=_watch, args=(told, over), daemon=True).start()
    before = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    wakeup = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(tell)


def _is_full(folder: Path) -> bool:
    found = os.statvfs(folder)
    return (found.f_bfree if os.geteuid() == 0 else found.f_bavail) * found.f_frsize < PAGE


def _watch_disks(folders: tuple[Path, ...], over: threading.Event) -> None:
    full_since: float | None = None
    while not over.wait(SECONDS_BETWEEN_LOOKS):
        with contextlib.suppress(OSError):
            full = [folder for folder in folders if _is_full(folder)]
            full_since = (full_since or time.monotonic()) if full else None
            if full_since is not None and time.monotonic() - full_since > SECONDS_FULL:
                _state.cause = SystemStateError(
                    f"No space left on device: {full[0]} has been full for {SECONDS_FULL:.0f} s. Nothing was switched"
                )
                os.kill(os.getpid(), signal.SIGTERM)
                return


@contextlib.contextmanager
def full_disk_ends(*folders: Path) -> Generator[None]:
    """Inside, a disk that stays full stops the run as a signal would: DuckDB can wait for itself for ever on one.

    A run needs space to its end, so that one which finds none for so long cannot succeed.
    """
    over = threading.Event()
    if signal.getsignal(signal.SIGTERM) is _interrupt:  # inside `stoppable`
        threading.Thread(target=_watch_disks, args=(folders, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()
