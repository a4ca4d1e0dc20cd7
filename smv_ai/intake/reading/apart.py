"""Workbooks and files of SPSS and Stata are read in a process of its own, with a limit of memory and of time.

Their libraries are not written in Python: what a broken or hostile file makes of them must not reach the load. The
process is `python -m smv_ai.intake.reading.apart FORM FILE FOLDER`; it writes the cells to the folder.
"""

from __future__ import annotations

import functools
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from smv_ai.intake.reading.files import Form, refusal
from smv_ai.intake.reading.grid import Grid

MEMORY = 900 * 2**20
# Seconds of the processor, so that a busy machine refuses nothing: a workbook of fifty thousand rows and forty columns
# (7 MB) takes eight, and a small file that takes as long is hostile.
SECONDS = 8
SECONDS_PER_MEGABYTE = 3
# A reader that hangs without working.
PATIENCE = 600
REFUSED = 3
TIME_IS_UP = {getattr(signal, "SIGXCPU", None), getattr(signal, "SIGKILL", None)}


def read(path: Path, form: Form, sheet: str | None = None) -> Grid:
    """The cells of a workbook, or of a file of SPSS or Stata. Raises BadInputError that names file and reason.

    A file that has not changed is read once: whether it is a definition, and what it holds, is asked one after the
    other.
    """
    found = path.stat()
    return _read(path.resolve(), form, sheet, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=2)
def _read(path: Path, form: Form, sheet: str | None, *_unchanged: int) -> Grid:
    too_long = f"takes longer than {seconds_for(path)} s to read; split it, or export the answers as CSV"
    with tempfile.TemporaryDirectory(prefix="smv_ai_intake_") as folder:
        command = [sys.executable, "-m", "smv_ai.intake.reading.apart", form.name, str(path), folder, sheet or ""]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired as error:
            raise refusal(path, too_long) from error
        if -done.returncode in TIME_IS_UP:
            raise refusal(path, too_long)
        if done.returncode == REFUSED:
            raise refusal(path, done.stderr.strip())
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["the reader ended"])[-1]
            is_large = "MemoryError" in last or "memory" in last
            reason = "it needs more memory than is allowed" if is_large else last
            raise refusal(path, f"cannot be read as {form} ({reason}); export it anew, or as CSV")
        return _loaded(Path(folder))


def seconds_for(path: Path) -> int:
    """Seconds of the processor that reading a file may take, by its size."""
    return SECONDS + SECONDS_PER_MEGABYTE * (path.stat().st_size // 2**20)


def _loaded(folder: Path) -> Grid:
    with pa.memory_map(str(folder / "cells.arrow")) as source:
        table = pa.ipc.open_file(source).read_all()
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    arrays = [_whole(table.column(f"c{position}")) for position in range(meta["width"])]
    numeric = {
        position: table.column(f"n{position}").to_numpy()
        for position in range(meta["width"])
        if f"n{position}" in table.column_names
    }
    rows = np.arange(meta["first_row"], meta["first_row"] + len(table), dtype=np.int64)
    return Grid(
        arrays, numeric, rows, sheet=meta["sheet"], names=meta["names"], meta=meta["meta"], encoding=meta["encoding"]
    )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    # copied, because the file below is gone when the folder is
    return (
        pa.concat_arrays([*column.chunks, pa.array([], pa.string())])
        if column.num_chunks
        else pa.array([], pa.string())
    )


def write(folder: Path, columns: list[list[str]], numeric: dict[int, list[bool]], **meta: Any) -> None:
    """What the process hands over: cells as an Arrow file, and what is known of them."""
    arrays: dict[str, pa.Array] = {f"c{n}": pa.array(column, pa.string()) for n, column in enumerate(columns)}
    arrays |= {f"n{n}": pa.array(flags, pa.bool_()) for n, flags in numeric.items()}
    table = pa.table(arrays)
    with pa.OSFile(str(folder / "cells.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    said = {"width": len(columns), "sheet": "", "names": None, "meta": {}, "first_row": 1, "encoding": ""} | meta
    (folder / "meta.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Read one file; the exit code is REFUSED with the reason on the standard error where it cannot be."""
    from smv_ai.errors import BadInputError

    form, path, folder, sheet = Form[arguments[0]], Path(arguments[1]), Path(arguments[2]), arguments[3] or None
    _limit(seconds_for(path))
    try:
        if form is Form.WORKBOOK:
            from smv_ai.intake.reading.workbook import read_workbook

            read_workbook(path, folder, sheet)
        else:
            from smv_ai.intake.reading.labelled import read_labelled

            read_labelled(path, folder, form)
    except BadInputError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one way to the process that waits
        return REFUSED
    except MemoryError:
        print("needs more memory than is allowed; split it, or export the answers as CSV", file=sys.stderr)  # noqa: T201
        return REFUSED
    return 0


def _limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
