"""What a build shows while it runs: lines for the log, and on a terminal a bar with step, count and time."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import click


class Progress:
    """Steps as lines with the time since the start; `tell` gets each line. On a terminal a bar moves below them."""

    def __init__(self, tell: Callable[[str], None], *, on_terminal: bool) -> None:
        self.started = time.monotonic()
        self.steps: list[dict[str, Any]] = []
        self._tell = tell
        self._bar: Any = None
        self._task: Any = None
        if on_terminal:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (TimeElapsedColumn(), BarColumn(20), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._bar = Bar(*columns, transient=True, expand=False)
            self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def step(self, name: str, total: int | None = None) -> None:
        """A step begins; `total` is the number of its parts where it has any."""
        if self._bar is not None:
            self._bar.reset(self._task, description=name, total=total, start=True)

    def part(self, name: str, done: int, total: int) -> None:
        """`done` of `total` parts of the step are done; `name` is the last one."""
        if self._bar is not None:
            self._bar.update(self._task, description=name, completed=done, total=total)

    def done(self, line: str) -> None:
        """A step is done; the line says what it did."""
        self.steps.append({"seconds": round(self.elapsed, 1), "line": line})
        text = f"{self.elapsed:5.1f} s  {line}"
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            self._tell(text)


def silent() -> Progress:
    """Progress that nobody sees."""
    return Progress(lambda _: None, on_terminal=False)


def shown(*, quiet: bool) -> Progress:
    """Progress for the person at the terminal, or lines for the log where there is none."""
    return silent() if quiet else Progress(click.echo, on_terminal=click.get_text_stream("stdout").isatty())
