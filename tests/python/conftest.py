"""Shared fixtures: one build for the whole run, and a connection to what it released."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from filelock import FileLock
from support.app_server import chromium, running_app
from support.building import needs_build
from support.commands import PATIENCE, run_prepared
from support.evidence_project import build as build_evidence
from support.project import PROJECT, Build, can_go_offline, environment_in, run_build, spare_reading, workspace_in
from support.sampling import mark_the_rest

from smv_ai.errors import ExitCode
from smv_ai.pictures import drawing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# What describes a release, and what a build prints of it.
READ_BY_BUILDS = [
    "dim_units", "dim_surveys", "dim_publications", "dim_base_populations", "meta_runs", "meta_releases",
    "mart_adoption", "mart_barriers", "mart_productivity", "fct_headline_figures", "fct_source_checks",
    "fct_reproduction",
]  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # before the markers are asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a build, and the cases that only a long run takes.

    Tests without a release come first, then those of the demonstration: while one process builds, the other works.
    """
    for item in items:
        if needs_build(item):
            item.add_marker(pytest.mark.build)
    mark_the_rest(items)
    builds = ["demo_build", "first_build"]
    items.sort(
        key=lambda item: max(
            (builds.index(name) + 1 for name in getattr(item, "fixturenames", ()) if name in builds), default=0
        )
    )


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Build:
    """A release of the project as it stands, built without a network where the machine allows it.

    The test processes share it: the first to come builds, the others wait.
    """
    return built_once("first", tmp_path_factory, worker_id)


@pytest.fixture(scope="session")
def demo_build(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Build:
    """A demonstration of the project, with made-up responses; shared like the first build."""
    return built_once("demo", tmp_path_factory, worker_id, "--demo")


def built_once(name: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str, *options: str) -> Build:
    """A build of the project that all test processes share."""
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    releases, printed = shared / f"{name}_release", shared / f"{name}_build.txt"
    with FileLock(shared / f"{name}_build.lock"):
        if not printed.exists():
            if not options:  # what it would read is what copies of the project start from
                spare_reading(PROJECT)
            done = run_build(PROJECT, releases, *options, offline=can_go_offline())
            assert done.returncode == 0, done.stdout + done.stderr
            printed.write_text(done.stdout, encoding="utf-8")
    return Build(releases, printed.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def prepared(release_dir, tmp_path_factory) -> Path:
    """A build file as dbt leaves it, with those tables alone that a build itself reads; those about runs are empty.

    A build of a fourth of the tables takes half the time.
    """
    target = tmp_path_factory.mktemp("prepared") / "smv_ai.duckdb"
    shutil.copy((release_dir / "current").resolve() / "smv_ai.duckdb", target)
    with duckdb.connect(str(target)) as connection:
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' and table_name not in ?",
            [READ_BY_BUILDS],
        ).fetchall():
            connection.execute(f"drop table marts.{table}")
        connection.execute("delete from marts.meta_runs; delete from marts.meta_releases")
    return target


@pytest.fixture
def workspace(tmp_path) -> dict[str, str]:
    """The environment of a project and a release folder of their own."""
    return workspace_in(tmp_path)


@pytest.fixture(scope="session")
def first_run(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project and its first release, and what the command printed; to be copied."""
    folder = tmp_path_factory.mktemp("first_run")
    done = run_prepared(prepared, workspace_in(folder), "--json")
    assert done.returncode == ExitCode.DONE, done.stderr
    (folder / "printed.json").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def released(first_run: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a project that has a first release of the prepared build file."""
    return environment_in(shutil.copytree(first_run, tmp_path / "released", symlinks=True))


@pytest.fixture(scope="session")
def evidence_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The project with small codebooks and responses of all kinds (evidence_project.py), built with its data tests.

    The test processes share it, like the first build.
    """
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder, done = shared / "evidence_project", shared / "evidence_built"
    with FileLock(shared / "evidence.lock"):
        if not done.exists():
            build_evidence(folder)
            done.touch()
    return folder


@pytest.fixture(autouse=True)
def patient_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a picture can be drawn does not depend on what else the machine does."""
    monkeypatch.setattr(drawing, "LIMITS", replace(drawing.LIMITS, seconds=PATIENCE))


@pytest.fixture(scope="session")
def release_dir(first_build: Build) -> Path:
    """The folder of releases, with `current`."""
    return first_build.releases


@pytest.fixture(scope="session")
def warehouse(release_dir: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the released database."""
    return duckdb.connect(str((release_dir / "current" / "smv_ai.duckdb").resolve()), read_only=True)


@pytest.fixture(scope="session")
def demo_dir(demo_build: Build) -> Path:
    """The folder of demonstrations, with `current`."""
    return demo_build.releases


@pytest.fixture(scope="session")
def demo_warehouse(demo_dir: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the database of the demonstration."""
    return duckdb.connect(str((demo_dir / "current" / "smv_ai.duckdb").resolve()), read_only=True)


@pytest.fixture(scope="session")
def project() -> Path:
    """The project folder."""
    return PROJECT


@pytest.fixture(scope="session")
def address(release_dir: Path) -> Iterator[str]:
    """The address of a running app on the release under test."""
    with running_app(release_dir) as server:
        yield server.address


@pytest.fixture(scope="session")
def started_browser() -> Iterator[Browser]:
    """Debian's Chromium, told to be quiet; one for a test process.

    Once it has started, the process's main thread has a running loop: `asyncio.run` needs another thread.
    """
    with chromium() as found:
        yield found


@pytest.fixture
def browser(started_browser: Browser) -> Iterator[Browser]:
    """The browser; whatever a test leaves open is closed."""
    yield started_browser
    for context in started_browser.contexts:
        context.close()
