"""What goes missing or breaks under a build: nothing is published, the right code, and the culprit named."""

from __future__ import annotations

import os

from conftest import PROJECT
from test_operation import prepared, run_prepared, smv_ai, workspace  # noqa: F401

from smv_ai.errors import ExitCode, environment_cause
from smv_ai.releases import release_names


def test_a_missing_seed_is_named_and_the_release_stays(prepared, workspace, tmp_path):  # noqa: F811
    assert run_prepared(prepared, workspace).returncode == ExitCode.DONE
    seeds = tmp_path / "project" / "seeds"
    seeds.unlink()
    for path in (PROJECT / "seeds").rglob("*"):
        target = seeds / path.relative_to(PROJECT / "seeds")
        if path.is_file() and path.name != "regions.csv":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    done = run_prepared(prepared, workspace, "--force")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "seeds/codelists/regions.csv: cannot be read" in done.stderr
    assert len(release_names(tmp_path / "release")) == 1
    assert '"outcome": "bad_input"' in smv_ai(workspace, "history", "--json").stdout


def test_a_release_folder_without_permission_is_named(prepared, workspace):  # noqa: F811
    """As root every folder may be written; a file in the place of the folder refuses everybody."""
    blocked = workspace | {"SMV_AI_RELEASE_DIR": os.path.join(str(prepared), "release")}
    done = run_prepared(prepared, blocked)
    assert done.returncode == ExitCode.ENVIRONMENT
    assert "Cannot write in" in done.stderr and "Traceback" not in done.stderr


def test_an_unreadable_parquet_is_no_matter_of_the_machine():
    """dbt's message names the model and the file; only the operating system's refusals count as environment."""
    assert (
        environment_cause("Invalid Input Error: No magic bytes found at end of file 'responses/wave.parquet'") is None
    )
