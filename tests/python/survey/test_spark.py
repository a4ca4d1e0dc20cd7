"""The scan on a Spark Connect server and on DuckDB: the same bits.

`make test` has Sail, a server in the test's own process; `make test-spark` has Apache Spark, a master and two workers.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import smallest_survey
from support.project import copy_project
from support.survey_waves import design, scan, wave_of, write

from smv_ai.build.project_check import check_project
from smv_ai.errors import BadInputError, BuildError, SystemStateError
from smv_ai.golden.build import build_arguments, run_dbt
from smv_ai.golden.cases import read_cases
from smv_ai.golden.command import run_cases
from smv_ai.golden.results import Values
from smv_ai.survey.description import Item
from smv_ai.survey.elsewhere import Listed, listed
from smv_ai.survey.engines import connected
from smv_ai.survey.inference import distribution
from smv_ai.survey.inference.distribution import Distribution, Reading
from smv_ai.survey.looks import Number
from smv_ai.survey.response_files import faults_elsewhere, files_elsewhere

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


def in_order(estimates: dict[str, Values | BuildError]) -> dict[str, list[str]]:
    """The values of each case, each as a text that shows every bit, in an order of their own."""
    return {case: sorted(map(repr, values.items())) for case, values in estimates.items()}


# all cases twice; one survey is compared in the same way by each run, below
@pytest.mark.build
@pytest.mark.parametrize(
    "spark",
    [pytest.param("sail", marks=pytest.mark.long), pytest.param("apache", marks=pytest.mark.spark)],
    indirect=True,
)
def test_estimates_are_the_same_bits_on_both_engines(spark: None) -> None:
    cases = read_cases(GOLDEN)
    on_spark, on_duckdb = in_order(run_cases(cases, {"engine": "spark"})), in_order(run_cases(cases))
    assert len(on_duckdb) == len(cases) and all(on_duckdb.values())
    assert [case for case in on_duckdb if on_spark[case] != on_duckdb[case]] == []


# --- storage that only the engine sees


@pytest.fixture
def stored(spark: None, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, str]:
    """A project whose responses lie where only the server looks: the project, and the root of the responses.

    Sail has a store in its memory; Apache Spark has none, so it reads a URI that this process never opens.
    """
    is_sail = request.node.callspec.params["spark"] == "sail"
    root = "memory:///store/responses" if is_sail else (tmp_path / "store").as_uri()
    project = copy_project(tmp_path / "project")
    smallest_survey.add_survey(project)
    rows = pd.DataFrame(smallest_survey.answers())
    folder = f"{root}/survey_id={smallest_survey.SURVEY}/survey_wave_id={smallest_survey.WAVE}"
    session = connected(os.environ["SMV_AI_SPARK_REMOTE"]).spark
    session.createDataFrame(rows).write.mode("overwrite").parquet(folder)
    return project, root


def set_variables(project: Path, **values: str) -> None:
    path = project / "dbt_project.yml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, value in values.items():
        lines = [f"  {name}: {value}\n" if line.startswith(f"  {name}:") else line for line in lines]
    path.write_text("".join(lines), encoding="utf-8")


def estimates_of(project: Path, folder: Path, responses: str, engine: str) -> list[str]:
    """All estimates of a build of the project's models, each as a text that shows every bit."""
    settings = {"responses_path": responses, "engine": engine}
    database = run_dbt(project, build_arguments("+int_estimates"), settings)
    moved = database.rename(folder / f"{engine}.duckdb")
    with duckdb.connect(str(moved), read_only=True) as connection:
        rows = connection.execute("select * exclude (estimate_number) from intermediate.int_estimates").fetchall()
    return sorted(map(repr, rows))


@pytest.mark.build
def test_responses_that_only_the_engine_sees_give_the_same_bits(stored: tuple[Path, str], tmp_path: Path) -> None:
    project, root = stored
    on_spark = estimates_of(project, tmp_path, root, "spark")
    on_duckdb = estimates_of(project, tmp_path, str(project / "responses"), "duckdb")
    assert len(on_duckdb) > 10
    assert on_spark == on_duckdb


def test_what_lies_in_the_store_is_accounted_for(stored: tuple[Path, str]) -> None:
    """Names and values are checked by its heads, and what would not be read is named, as on this machine."""
    project, root = stored
    shutil.rmtree(project / "responses")
    set_variables(project, responses_path=root, engine="spark")
    assert "every name known" in check_project(project)
    data = [file for file in files_elsewhere(project) if not file.path.endswith("/_SUCCESS")]
    assert {file.wave for file in data} == {(smallest_survey.SURVEY, smallest_survey.WAVE)}
    assert all(file.size > 0 for file in data)

    session = connected(os.environ["SMV_AI_SPARK_REMOTE"]).spark
    frame = session.createDataFrame(pd.DataFrame({"x": [1]}))
    frame.write.mode("overwrite").parquet(f"{root}/survey_id=quay/survey_wave_id=quay_2062")
    with pytest.raises(BadInputError) as caught:
        check_project(project)
    message = str(caught.value)
    assert f"{root}/survey_id=quay/survey_wave_id=quay_2062: wave 'quay_2062' has no surveys/quay_2062.yml" in message


def test_every_file_of_a_store_is_read_or_named() -> None:
    """The listing alone decides: here a file of each kind, beside two that are well."""
    wave = "survey_id=quay/survey_wave_id=quay_2026"
    paths = {
        f"{wave}/part-0.parquet": None,
        f"{wave}/_SUCCESS": None,
        f"{wave}/part-1.PARQUET": "would not be read; responses lie in survey_id=",
        f"{wave}/.part-2.parquet": "would not be read",
        f"{wave}/_temporary/0/part-3.parquet": "would not be read",
        "survey_id=quay/2025/part-4.parquet": "would not be read",
        "notes.txt": "would not be read",
        f"{wave}/empty.parquet": "it is empty, 0 bytes",
        "survey_id=pier/survey_wave_id=quay_2026/part-5.parquet": "is of survey quay",
        "survey_id=quay/survey_wave_id=quay_2062/part-6.parquet": "did you mean 'quay_2026'?",
    }
    files = [Listed(path, 0 if "empty" in path else 9, "") for path in paths]
    found = list(faults_elsewhere("s3://bucket", files, {"quay_2026": "quay"}))
    for path, expected in paths.items():
        places = (f"s3://bucket/{path}:", f"s3://bucket/{Path(path).parent}:")
        named = [fault for fault in found if fault.startswith(places)]
        assert bool(named) is (expected is not None), path
        assert expected is None or expected in named[0]


BELOW = "survey_id=a/survey_wave_id=b/c.parquet"


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("s3://bucket/in/responses", f"s3a://bucket/in/responses/{BELOW}"),
        ("s3://bucket", f"s3a://bucket/{BELOW}"),
        ("abfss://box@account.dfs.example.net/r/", f"abfss://box@account.dfs.example.net/r/{BELOW}"),
        ("file:///data/r", f"file:/data/r/{BELOW}"),
        ("file:///data/r", f"data/r/{BELOW}"),
        ("hdfs://node:8020/r", f"hdfs://node:8020/r/{BELOW}"),
    ],
)
def test_servers_write_schemes_and_hosts_of_their_own(root: str, path: str) -> None:
    class Server:
        def files_below(self, asked: str) -> list[tuple[str, int, str]]:
            assert asked == root
            return [(path, 9, "")]

    [file] = listed(Server(), root)
    assert file.path == BELOW and file.wave == ("a", "b")


def test_a_name_that_the_store_does_not_have_is_told_with_its_line(stored: tuple[Path, str]) -> None:
    project, root = stored
    set_variables(project, responses_path=root, engine="spark")
    survey = project / "surveys" / f"{smallest_survey.WAVE}.yml"
    survey.write_text(survey.read_text(encoding="utf-8").replace("small: Lille", "smal: Lille"), encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        check_project(project)
    assert "line 4, groups.size.values.smal: 'smal' is no value of size; did you mean 'small'?" in str(caught.value)


@pytest.mark.parametrize("root", ["memory:///nothing/here", "s3://no-such-bucket.invalid/responses"])
def test_a_store_that_is_empty_or_out_of_reach_is_no_empty_survey(spark: None, tmp_path: Path, root: str) -> None:
    project = copy_project(tmp_path / "project")
    set_variables(project, responses_path=root, engine="spark")
    with pytest.raises((BadInputError, SystemStateError), match=f"responses_path: .*{root}"):
        check_project(project)


def test_the_distribution_of_a_number_has_the_same_bins_on_both_engines(
    spark: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "MOST_ROWS", 1000)
    file = tmp_path / "answers.parquet"
    random = np.random.default_rng(3)
    rows = {"c0": range(5000), "c1": random.integers(0, 9, 5000), "c2": 1e5 * random.gamma(0.5, size=5000)}
    pq.write_table(pa.table(rows | {"c3": 1 + random.random(5000)}), file)
    found = []
    for session, relation in (
        (connected(os.environ["SMV_AI_SPARK_REMOTE"]), f"parquet.`{file}`"),
        (duckdb.connect(), f"read_parquet('{file}')"),
    ):
        reading = Reading(f"select * from {relation}", ("c1",), "c2", "c2 > 10", "c0", Number("c3", exponent=1))
        one = Distribution(session, reading, np.zeros(10), 5000, size=5e4, with_ids=True)
        counted = len(one.table["bin"])
        one.refine(set(one.table["bin"][[100, 200]]))
        found.append({name: column.tolist() for name, column in one.table.items()})
        assert len(one.table["bin"]) > counted
    assert repr(found[0]) == repr(found[1])


def test_numbers_of_groups_at_very_different_levels_give_the_same_sums(spark: None, tmp_path: Path) -> None:
    """Each group has a shift and a power of two of its own, which both engines must find alike."""
    rows = [
        design(number, 9 + number % 5 / 7)
        | {"size": "ab"[number % 3 % 2], "amount": number % 7 * 0.3 + (2.0**40 if number % 3 % 2 else 0.0)}
        for number in range(90)
    ]
    wave = wave_of(write(tmp_path, rows), items=(Item("amount", "amount", "number"),), attributes=("size",))
    found = []
    for session in (connected(os.environ["SMV_AI_SPARK_REMOTE"]), duckdb.connect()):
        own = scan(session, wave, in_cell=False)
        assert [number.is_levelled for number in own.levels] == [True]
        found.append(sorted(map(repr, session.execute(own.query).fetchall())))
    assert len(found[0]) == 4 and found[0] == found[1]
