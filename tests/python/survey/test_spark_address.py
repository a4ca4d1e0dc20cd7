"""A Spark server that is not there, or does not speak, is told at once, and by the name of the setting."""

from __future__ import annotations

import socket
from pathlib import Path

import duckdb
import pytest
from support.project import copy_project

from smv_ai.build.project_check import check_project
from smv_ai.errors import BadInputError, ExitCode, SystemStateError
from smv_ai.survey import engines
from smv_ai.survey.waves import waves_of


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", "engine: spark needs the address of its server: SMV_AI_SPARK_REMOTE=sc://host:15002"),
        ("http://127.0.0.1:15002", "allowed: the address of a server, as sc://host:15002"),
        ("sc://", "SMV_AI_SPARK_REMOTE: sc:// does not answer"),
        ("sc://127.0.0.1:99999", "SMV_AI_SPARK_REMOTE: sc://127.0.0.1:99999 does not answer"),
        ("sc://127.0.0.1:{port}", "does not answer"),
    ],
)
def test_a_server_that_cannot_be_reached_is_named(monkeypatch, address: str, expected: str) -> None:
    monkeypatch.setenv("SMV_AI_SPARK_REMOTE", address.format(port=free_port()))
    with pytest.raises(SystemStateError) as caught:
        engines.reach("spark")
    assert expected in str(caught.value)


def test_check_says_that_the_address_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the build does, and before anything else that would be read: with a plain folder, too."""
    monkeypatch.delenv("SMV_AI_SPARK_REMOTE", raising=False)
    project = copy_project(tmp_path / "project")
    settings = project / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("  engine: duckdb\n", "  engine: spark\n"), encoding="utf-8")
    with pytest.raises(SystemStateError, match="engine: spark needs the address of its server") as caught:
        check_project(project)
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


@pytest.mark.parametrize(
    ("setting", "path", "expected"),
    [
        (
            "responses_path: responses",
            "s3://box/responses",
            "responses_path: 's3://box/responses' is no folder of this",
        ),
        ("register_path: register", "s3://box/r", "register_path: 's3://box/r' is no folder of this machine, as it"),
        ("demo_responses_path: target/demo_responses", "abfss://b@a/d", "demo_responses_path: 'abfss://b@a/d' is no"),
    ],
)
def test_a_path_that_only_an_engine_follows_needs_the_engine(
    tmp_path: Path, setting: str, path: str, expected: str
) -> None:
    project = copy_project(tmp_path / "project")
    settings = project / "dbt_project.yml"
    name = setting.split(":")[0]
    text = settings.read_text(encoding="utf-8")
    assert f"  {setting}\n" in text
    settings.write_text(text.replace(f"  {setting}\n", f"  {name}: {path}\n"), encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        check_project(project)
    assert f"vars, {expected.split(':')[0]}: {expected.split(': ', 1)[1]}" in str(caught.value)


def test_a_server_is_told_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a working folder of its own, in which `responses` is another folder, or none."""
    folder = tmp_path / "responses" / "survey_id=s" / "survey_wave_id=w"
    folder.mkdir(parents=True)
    (folder / "part.parquet").touch()
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as here:
        found = waves_of(
            engines.SparkSession.__new__(engines.SparkSession), here, "responses", is_demo=False
        ).to_pylist()
        assert waves_of(here, here, "responses", is_demo=False).to_pylist()[0]["files"].startswith("responses/")
    assert [row["files"] for row in found] == [f"{folder}/*.parquet"]
