"""A hundred readers for ten minutes: pages, files, queries, slow lines, and a build in the middle. `make test-load`.

Measured on a machine that does nothing else. SMV_AI_LOAD_READERS and SMV_AI_LOAD_SECONDS make it shorter;
SMV_AI_LOAD_PROCESSES=2 runs two processes behind deploy/smv-ai.nginx, as docs/app.md has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from support.app_proxy import proxied
from support.app_reader import guests_together
from support.app_server import Server, running_app
from support.commands import run_prepared

from smv_ai.errors import ExitCode

READERS = int(os.environ.get("SMV_AI_LOAD_READERS", "100"))
SECONDS = float(os.environ.get("SMV_AI_LOAD_SECONDS", "600"))
PROCESSES = int(os.environ.get("SMV_AI_LOAD_PROCESSES", "1"))
# A reader reads for some seconds before the next click.
PAUSE = (5.0, 15.0)
SLOWEST, MOST_GROWTH_MB = 2.5, 50.0


def megabytes(process: int) -> float:
    """The memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(process: int) -> float:
    """The time on a core that a process has had, without that of the processes it started."""
    spent = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(releases: Path, folder: Path) -> Iterator[tuple[str, list[Server]]]:
    """The address that readers use and the processes behind it, until the block ends."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running_app(releases)) for _ in range(PROCESSES)]
        address = servers[0].address
        if PROCESSES > 1:
            ports = [int(server.address.rsplit(":", 1)[1]) for server in servers]
            address = stack.enter_context(proxied(folder, ports))
        yield address, servers


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

    def watch(processes: list[int]) -> None:
        until = time.monotonic() + SECONDS
        while (left := until - time.monotonic()) > 0:
            memory.append(sum(map(megabytes, processes)))
            if left < SECONDS / 2 and not built:
                built.append(run_prepared(whole, workspace, "--force").returncode)
            time.sleep(2)

    (tmp_path / "proxy").mkdir()
    with running(releases, tmp_path / "proxy") as (address, servers):
        processes = [server.process.pid for server in servers]
        asyncio.run(
            guests_together(address, 10 * PROCESSES, min(SECONDS, 30), (0.1, 1))
        )  # what is kept for all is kept
        spent = sum(map(processor_seconds, processes))
        watcher = threading.Thread(target=watch, args=(processes,))
        watcher.start()
        clicks = asyncio.run(guests_together(address, READERS, SECONDS, PAUSE))
        watcher.join()
        assert all(server.process.poll() is None for server in servers)
        spent = sum(map(processor_seconds, processes)) - spent
    fast = sorted((click.seconds, click.what) for click in clicks if not click.what.startswith("slow"))
    seconds = [taken for taken, _ in fast]
    quarter = len(memory) // 4
    growth = statistics.median(memory[-quarter:]) - statistics.median(memory[quarter : 2 * quarter])
    measured = {
        "readers": READERS, "processes": PROCESSES, "clicks": len(clicks),
        "processor_seconds_a_click": spent / len(clicks), "median": statistics.median(seconds),
        "p95": seconds[int(0.95 * len(seconds))], "slowest": fast[-5:], "memory_mb": memory[-1], "growth_mb": growth,
        "load": os.getloadavg()[0],
    }  # fmt: skip
    print(json.dumps(measured, indent=1))
    assert built == [ExitCode.DONE]
    assert [(click.what, click.errors) for click in clicks if click.errors] == []
    assert {click.what for click in clicks} >= {"export", "sql"}
    assert len(clicks) > READERS * SECONDS / (2 * max(PAUSE))
    assert growth <= MOST_GROWTH_MB, measured
    assert measured["p95"] <= SLOWEST, measured
