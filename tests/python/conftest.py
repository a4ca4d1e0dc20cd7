"""Shared fixtures: one build for the whole run, and a connection to what it released."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pytest
from support.app_server import chromium, running_app
from filelock import FileLock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parents[2]
TEXTS = PROJECT.parent / "shared" / "sources"


def run_build(project: Path, releases: Path, *, offline: bool = False) -> subprocess.CompletedProcess[str]:
    """Run `smv-ai build` on a project folder; offline runs it in a network namespace without any interface."""
    environment = os.environ | {"SMV_AI_PROJECT_DIR": str(project), "SMV_AI_RELEASE_DIR": str(releases)}
    prefix = ["unshare", "--map-root-user", "--net"] if offline else []
    command = [*prefix, sys.executable, "-m", "smv_ai.cli", "build"]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def can_go_offline() -> bool:
    """True where this user may make a network namespace."""
    if shutil.which("unshare") is None:
        return False
    return (
        subprocess.run(["unshare", "--map-root-user", "--net", "true"], capture_output=True, check=False).returncode
        == 0
    )


def copy_project(target: Path) -> Path:
    """A copy of what a build needs, to be damaged by a test; without the plans of the demonstration responses."""
    target.mkdir(exist_ok=True)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, target / name)
    for name in ("seeds", "models", "macros", "tests/dbt", "expectations"):
        shutil.copytree(PROJECT / name, target / name)
    return target


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests without the release first: while one process builds it, the other has something to do."""
    items.sort(key=lambda item: "first_build" in getattr(item, "fixturenames", ()))


class Build(NamedTuple):
    """Where a build released to, and what it printed."""

    releases: Path
    stdout: str


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Build:
    """A release of the project as it stands, built without a network where the machine allows it.

    The test processes share it: the first to come builds, the others wait.
    """
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    releases, printed = shared / "first_release", shared / "first_build.txt"
    with FileLock(shared / "first_build.lock"):
        if not printed.exists():
            done = run_build(PROJECT, releases, offline=can_go_offline())
            assert done.returncode == 0, done.stdout + done.stderr
            printed.write_text(done.stdout, encoding="utf-8")
    return Build(releases, printed.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def evidence_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The project with small codebooks and responses of all kinds (evidence_project.py), built with its data tests.

    The test processes share it, like the first build.
    """
    from support.evidence_project import build

    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder, done = shared / "evidence_project", shared / "evidence_built"
    with FileLock(shared / "evidence.lock"):
        if not done.exists():
            build(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def release_dir(first_build: Build) -> Path:
    """The folder of releases, with `current`."""
    return first_build.releases


@pytest.fixture(scope="session")
def warehouse(release_dir: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the released database."""
    return duckdb.connect(str((release_dir / "current" / "smv_ai.duckdb").resolve()), read_only=True)


@pytest.fixture(scope="session")
def project() -> Path:
    """The project folder."""
    return PROJECT


@pytest.fixture(scope="module")
def address(release_dir: Path) -> Iterator[str]:
    """The address of a running app on the release under test."""
    with running_app(release_dir) as server:
        yield server.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, told to be quiet."""
    with chromium() as found:
        yield found
