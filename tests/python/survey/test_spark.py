"""The scan on Spark Connect (Sail, a server of that protocol in this process) and on DuckDB: the same bits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smv_ai.golden.cases import read_cases
from smv_ai.golden.command import run_cases
from smv_ai.survey.engines import connected

GOLDEN = Path(__file__).resolve().parents[2] / "golden"


@pytest.fixture(scope="module")
def sail() -> Iterator[str]:
    """The address of a server."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(port=0)
    server.start(background=True)
    address = f"sc://127.0.0.1:{server.listening_address[1]}"
    yield address
    connected(address).spark.stop()  # a client whose server is gone would wait for it
    connected.cache_clear()
    server.stop()


@pytest.fixture
def spark(sail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark is to be found there."""
    monkeypatch.setenv("SMV_AI_SPARK_REMOTE", sail)
    # Spark's client takes a main module without a file, which a test process has, for a run of its own documentation
    monkeypatch.setattr(sys.modules["__main__"], "__file__", __file__, raising=False)


def in_order(estimates: dict[str, list[dict]]) -> dict[str, list[str]]:
    """The estimates of each case, each as a text that shows every bit, in an order of their own."""
    return {case: sorted(map(repr, rows)) for case, rows in estimates.items()}


@pytest.mark.build
def test_estimates_are_the_same_bits_on_both_engines(spark: None) -> None:
    cases = read_cases(GOLDEN)
    on_spark, on_duckdb = in_order(run_cases(cases, {"engine": "spark"})), in_order(run_cases(cases))
    assert len(on_duckdb) == len(cases) and all(on_duckdb.values())
    assert [case for case in on_duckdb if on_spark[case] != on_duckdb[case]] == []
