"""A hundred readers for ten minutes: pages, files, queries, slow lines, and a build in the middle. `make test-load`.

Measured on a machine that does nothing else. SMV_AI_LOAD_READERS and SMV_AI_LOAD_SECONDS make it shorter.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import threading
import time
from pathlib import Path

import duckdb
import pytest
from support.app_reader import guests_together
from support.app_server import running_app
from support.commands import run_prepared

from smv_ai.errors import ExitCode

READERS = int(os.environ.get("SMV_AI_LOAD_READERS", "100"))
SECONDS = float(os.environ.get("SMV_AI_LOAD_SECONDS", "600"))
# A reader reads for some seconds before the next click.
PAUSE = (5.0, 15.0)
SLOWEST, MOST_GROWTH_MB = 2.5, 50.0


def megabytes(process: int) -> float:
    """The memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.load
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_a_hundred_readers_for_ten_minutes(release_dir: Path, workspace: dict[str, str], tmp_path: Path) -> None:
    releases = Path(workspace["SMV_AI_RELEASE_DIR"])
    shutil.copytree(release_dir, releases, symlinks=True)
    whole = Path(shutil.copy((release_dir / "current").resolve() / "smv_ai.duckdb", tmp_path / "whole.duckdb"))
    whole.chmod(0o644)
    with duckdb.connect(str(whole)) as connection:
        connection.execute("delete from marts.meta_runs; delete from marts.meta_releases")
    memory: list[float] = []
    built: list[int] = []

    def watch(process: int) -> None:
        until = time.monotonic() + SECONDS
        while (left := until - time.monotonic()) > 0:
            memory.append(megabytes(process))
            if left < SECONDS / 2 and not built:
                built.append(run_prepared(whole, workspace, "--force").returncode)
            time.sleep(2)

    with running_app(releases) as server:
        asyncio.run(guests_together(server.address, 10, min(SECONDS, 30), (0.1, 1)))  # what is kept for all is kept
        watcher = threading.Thread(target=watch, args=(server.process.pid,))
        watcher.start()
        clicks = asyncio.run(guests_together(server.address, READERS, SECONDS, PAUSE))
        watcher.join()
        assert server.process.poll() is None
    seconds = sorted(click.seconds for click in clicks if not click.what.startswith("slow"))
    quarter = len(memory) // 4
    growth = statistics.median(memory[-quarter:]) - statistics.median(memory[quarter : 2 * quarter])
    measured = {
        "readers": READERS, "clicks": len(clicks), "median": statistics.median(seconds),
        "p95": seconds[int(0.95 * len(seconds))], "max": seconds[-1], "memory_mb": memory[-1], "growth_mb": growth,
        "load": os.getloadavg()[0],
    }  # fmt: skip
    print(json.dumps(measured, indent=1))
    assert built == [ExitCode.DONE]
    assert [(click.what, click.errors) for click in clicks if click.errors] == []
    assert {click.what for click in clicks} >= {"export", "sql"}
    assert len(clicks) > READERS * SECONDS / (2 * max(PAUSE))
    assert growth <= MOST_GROWTH_MB, measured
    assert measured["p95"] <= SLOWEST, measured
