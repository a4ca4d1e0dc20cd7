"""A build in which something hangs or dies in the place of dbt or of the audit's process: `hanging_build.py KIND`.

Run by the tests of stop signals; everything else in it is real.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor

import duckdb

from smv_ai.build import dbt, making
from smv_ai.cli import main


def in_a_call(*_: object) -> None:
    """Wait in the machine's own code for what never comes, as DuckDB does on a full disk: Python sees no signal."""
    mutex = ctypes.create_string_buffer(64)
    library = ctypes.CDLL(None)
    for _turn in range(2):
        library.pthread_mutex_lock(mutex)


def in_a_query(*_: object) -> None:
    """A query of hours."""
    duckdb.sql("select count(*) from range(100000000) a, range(100000000) b where a.range + b.range = -1").fetchall()


def in_a_deaf_library(*_: object) -> None:
    """A library that takes the interrupt for something else."""
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(600)


def quickly(*_: object) -> None:
    """Nothing to wait for here."""


class Busy(ProcessPoolExecutor):
    """A second process that works for ever."""

    def submit(self, *_: object) -> Future:
        """Whatever it is asked for."""
        return super().submit(time.sleep, 600)


class Killed(ProcessPoolExecutor):
    """A second process that somebody kills."""

    def submit(self, *_: object) -> Future:
        """Whatever it is asked for."""
        return super().submit(signal.raise_signal, signal.SIGKILL)


def wait_for_helper(*_: object) -> None:
    """In the place of dbt: the second process is at work."""
    time.sleep(1)


KINDS = {
    "call": (in_a_call, Busy),
    "query": (in_a_query, Busy),
    "deaf": (in_a_deaf_library, Busy),
    "helper": (wait_for_helper, Busy),
    "killed": (wait_for_helper, Killed),
}

if __name__ == "__main__":
    dbt.build, making.ProcessPoolExecutor = KINDS[sys.argv[1]]
    making._copy = lambda *_: {}
    making.content_hash = lambda *_: ""
    making._write_release = lambda *given: given[-1].result()  # waits for the audit
    main(["build"])
