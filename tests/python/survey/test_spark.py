"""The scan on a Spark Connect server and on DuckDB: the same bits.

`make test` has Sail, a server in the test's own process; `make test-spark` has Apache Spark, a master and two workers.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smv_ai.golden.cases import read_cases
from smv_ai.golden.command import run_cases
from smv_ai.survey.engines import connected

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
PATIENCE = 300


@contextlib.contextmanager
def sail() -> Iterator[str]:
    """The address of a server in this process."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(port=0)
    server.start(background=True)
    yield f"sc://127.0.0.1:{server.listening_address[1]}"
    server.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def apache_spark() -> Iterator[str]:
    """The address of Apache Spark, of the environment whose Python SMV_AI_SPARK_PYTHON names: a master, two workers."""
    python = Path(os.environ["SMV_AI_SPARK_PYTHON"]).absolute()
    [home] = python.parent.parent.glob("lib/python3*/site-packages/pyspark")
    port = _free_port()
    settings = [
        "--master", "local-cluster[2,1,1024]", "--conf", f"spark.connect.grpc.binding.port={port}",
        "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1",
        "--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=4",
    ]  # fmt: skip
    environment = os.environ | {"SPARK_HOME": str(home), "PYSPARK_PYTHON": str(python), "SPARK_LOCAL_IP": "127.0.0.1"}
    server = subprocess.Popen(
        [home / "bin" / "spark-submit", *settings, "--class", SERVER, "spark-internal"], env=environment,
    )  # fmt: skip
    try:
        until = time.monotonic() + PATIENCE
        while server.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.5)
        assert server.poll() is None, "Spark ended before it answered"
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


SERVERS = {"sail": sail, "apache": apache_spark}


@pytest.fixture(params=["sail", pytest.param("apache", marks=pytest.mark.spark)])
def spark(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Spark is to be found at a server."""
    # Spark's client takes a main module without a file, which a test process has, for a run of its own documentation
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)
    with SERVERS[request.param]() as address:
        monkeypatch.setenv("SMV_AI_SPARK_REMOTE", address)
        yield
        connected(address).spark.stop()  # a client whose server is gone would wait for it
        connected.cache_clear()


def in_order(estimates: dict[str, list[dict]]) -> dict[str, list[str]]:
    """The estimates of each case, each as a text that shows every bit, in an order of their own."""
    return {case: sorted(map(repr, rows)) for case, rows in estimates.items()}


@pytest.mark.build
def test_estimates_are_the_same_bits_on_both_engines(spark: None) -> None:
    cases = read_cases(GOLDEN)
    on_spark, on_duckdb = in_order(run_cases(cases, {"engine": "spark"})), in_order(run_cases(cases))
    assert len(on_duckdb) == len(cases) and all(on_duckdb.values())
    assert [case for case in on_duckdb if on_spark[case] != on_duckdb[case]] == []
