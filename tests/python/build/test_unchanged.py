"""An unchanged build does nothing: it knows by the fingerprint of its inputs, and by the release being intact."""

from __future__ import annotations

import json
import os
from pathlib import Path

from support.commands import run_prepared

from smv_ai.errors import ExitCode
from smv_ai.releases import history

SAME_INPUTS = "nothing changed: the inputs are those of release"
SAME_CONTENT = "nothing changed: the content is that of release"


def test_a_build_runs_where_its_inputs_changed_and_only_there(prepared: Path, released: dict[str, str]) -> None:
    project, releases = Path(released["SMV_AI_PROJECT_DIR"]), Path(released["SMV_AI_RELEASE_DIR"])
    again = run_prepared(prepared, released)
    assert again.returncode == ExitCode.UNCHANGED and "dbt" not in again.stdout
    assert SAME_INPUTS in again.stdout and again.stdout.count("\n") == 1, again.stdout

    (project / "macros").mkdir()
    (project / "macros" / "new.sql").write_text("select 1")
    changed = run_prepared(prepared, released)
    assert changed.returncode == ExitCode.UNCHANGED and "dbt: prepared" in changed.stdout
    assert SAME_CONTENT in changed.stdout
    os.utime(project / "macros" / "new.sql", (1, 1))
    touched = run_prepared(prepared, released)
    assert touched.returncode == ExitCode.UNCHANGED and "dbt" not in touched.stdout

    assert run_prepared(prepared, released, "--force").returncode == ExitCode.DONE
    last = history.read(releases)[0][-1]
    facts = json.loads((releases / "current" / "release.json").read_text(encoding="utf-8"))
    assert facts["fingerprint"] == last.fingerprint


def test_a_damaged_release_is_built_anew_though_its_inputs_are_the_same(prepared: Path, released) -> None:
    releases = Path(released["SMV_AI_RELEASE_DIR"])
    (releases / "current" / "stray.txt").write_text("x")
    again = run_prepared(prepared, released)
    assert again.returncode == ExitCode.DONE and "is not intact" in again.stdout


def test_a_release_that_moved_without_its_history_is_known_by_its_facts(prepared: Path, released) -> None:
    (Path(released["SMV_AI_RELEASE_DIR"]) / history.HISTORY_NAME).unlink()
    again = run_prepared(prepared, released)
    assert again.returncode == ExitCode.UNCHANGED and SAME_INPUTS in again.stdout
