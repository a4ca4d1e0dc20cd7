"""A build in this process that takes a second: everything of it but dbt and the audit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from smv_ai.build import dbt, making
from smv_ai.build import run as build_run
from smv_ai.build.progress import Progress
from smv_ai.environment import DATABASE_NAME
from smv_ai.releases import write


class SameProcess:
    """In the place of the second process."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> SameProcess:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, *_: object) -> SameProcess:
        return self

    def result(self) -> str:
        return "audit: prepared, all met"


@pytest.fixture(scope="module")
def small(prepared, tmp_path_factory) -> Path:  # noqa: F811
    """The prepared build file with the few tables that a release's own description needs: a build of it is short."""
    target = tmp_path_factory.mktemp("small") / DATABASE_NAME
    shutil.copy(prepared, target)
    with duckdb.connect(str(target)) as connection:
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' and table_name not in"
            " ('dim_units', 'dim_surveys', 'dim_publications', 'dim_base_populations', 'meta_runs', 'meta_releases')"
        ).fetchall():
            connection.execute(f"drop table marts.{table}")
    return target


@pytest.fixture
def publish(small, tmp_path, monkeypatch) -> Callable[..., list[str]]:
    """Everything of a build but dbt and the audit; returns the lines that it printed."""
    project = tmp_path / "project"
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "release"))
    for module in (build_run, making):
        monkeypatch.setattr(module, "build_file", lambda _: project / DATABASE_NAME)
    monkeypatch.setattr(making, "check_project", lambda _: "seeds: prepared")
    monkeypatch.setattr(making, "ProcessPoolExecutor", SameProcess)
    monkeypatch.setattr(write, "sync", lambda _: None)
    monkeypatch.setattr(making.past, "record", lambda *_: None)  # the small file has the tables of a release alone
    monkeypatch.setattr(dbt, "build", lambda file, *_: shutil.copy(small, file))

    def run(*, force: bool, accept_missing: bool = False) -> list[str]:
        lines: list[str] = []
        progress = Progress(lines.append, on_terminal=False)
        outcome = build_run.build_release(progress, force=force, accept_missing=accept_missing)
        assert outcome.run.outcome == "built", lines
        return lines

    return run
