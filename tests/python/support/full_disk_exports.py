"""Exports onto small disks that fill up: `full_disk_exports.py DATABASE FOLDER TRIES [THREADS]` prints a line a try.

Run by test_reliability_release.py, which ends it where no line comes. THREADS other than what exports use (1) shows
what happens then.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import duckdb

from smv_ai.releases import export

SMALLEST, LARGEST = 0.3, 55.0  # MiB; a demonstration of today needs 60


def one_try(database: Path, disk: Path, mebibytes: float) -> str:
    """Export onto a new disk of that size; returns how it ended."""
    size = f"size={int(mebibytes * 256) * 4096}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], check=True)
    try:
        export.export_tables(database, disk)
        return "whole"
    except (OSError, duckdb.Error) as error:
        return "full" if "No space left on device" in str(error) else f"other: {error}"
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def main(database: str, folder: str, tries: str, threads: str = "") -> None:
    """Small disks are tried as often as large ones, by the logarithm of their size."""
    if threads:
        export.ONE_THREAD = f"set threads = {threads}"
    sizes = random.Random(3)
    for number in range(int(tries)):
        mebibytes = SMALLEST * (LARGEST / SMALLEST) ** sizes.random()
        print(number, f"{mebibytes:.2f}", one_try(Path(database), Path(folder), mebibytes), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
