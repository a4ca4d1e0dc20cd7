"""The project under test: a build of it, copies of it to be damaged, and the texts beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from smv_ai.build.dbt import lend_reading
from smv_ai.golden.build import BUILD_FILE

PROJECT = Path(__file__).resolve().parents[3]
SUPPORT = Path(__file__).parent
TEXTS = PROJECT.parent / "shared" / "sources"


class Build(NamedTuple):
    """Where a build released to, and what it printed."""

    releases: Path
    stdout: str


def run_build(project: Path, releases: Path, *options: str, offline: bool = False) -> subprocess.CompletedProcess[str]:
    """Run `smv-ai build` on a project folder; offline runs it in a network namespace without any interface.

    With the option `--demo`, `releases` is the folder of the demonstration.
    """
    if project != PROJECT and "--demo" not in options:
        spare_reading(project)
    variable = "SMV_AI_DEMO_RELEASE_DIR" if "--demo" in options else "SMV_AI_RELEASE_DIR"
    environment = os.environ | {"SMV_AI_PROJECT_DIR": str(project), variable: str(releases)}
    prefix = ["unshare", "--map-root-user", "--net"] if offline else []
    command = [*prefix, sys.executable, "-m", "smv_ai.cli", "build", *options]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def spare_reading(project: Path) -> None:
    """Let a build of the project, or of a copy, begin from what dbt has read for the builds of other tests."""
    lend_reading(project, project / BUILD_FILE, {})


def environment_in(folder: Path) -> dict[str, str]:
    """The environment of a project and release folders of their own, in a folder."""
    return os.environ | {
        "SMV_AI_PROJECT_DIR": str(folder / "project"),
        "SMV_AI_RELEASE_DIR": str(folder / "release"),
        "SMV_AI_DEMO_RELEASE_DIR": str(folder / "release_demo"),
        "PYTHONPATH": str(PROJECT),
    }


def workspace_in(folder: Path) -> dict[str, str]:
    """The same with the project, which has the seeds of this one."""
    (folder / "project").mkdir()
    (folder / "project" / "seeds").symlink_to(PROJECT / "seeds")
    return environment_in(folder)


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
    for name in ("seeds", "surveys", "panels", "official", "models", "macros", "tests/dbt", "expectations"):
        shutil.copytree(PROJECT / name, target / name)
    return target
