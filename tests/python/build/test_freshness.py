"""What is overdue: `dbt source freshness` and `smv-ai status` go by the same dates and the same setting."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support.estimation_project import respondents, write_wave
from support.project import copy_project

from smv_ai.reader import current_release
from smv_ai.releases import status

DAY = 24 * 60 * 60


@pytest.fixture
def project(release_dir, tmp_path) -> Path:
    """A project whose tables are built: those of the release stand for them."""
    folder = copy_project(tmp_path / "project")
    (folder / "target").mkdir()
    shutil.copy(current_release(release_dir).database, folder / "target" / "smv_ai.duckdb")
    return folder


def freshness(project: Path, days: int) -> dict[str, str]:
    """Status by source, as dbt writes it."""
    settings = {
        "SMV_AI_SURVEY_DAYS": str(days),
        "SMV_AI_BUILD_FILE": str(project / "target" / "smv_ai.duckdb"),
        "DBT_PROFILES_DIR": str(project),
        "DO_NOT_TRACK": "1",
    }
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "source", "freshness"]
    done = subprocess.run(command, cwd=project, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((project / "target" / "sources.json").read_text(encoding="utf-8"))["results"]
    return {result["unique_id"].removeprefix("source.smv_ai."): result["status"] for result in found}


def overdue(release_dir: Path, project: Path, days: int, monkeypatch) -> str:
    monkeypatch.setattr(status, "PROJECT_DIR", project)
    monkeypatch.setenv("SMV_AI_SURVEY_DAYS", str(days))
    return "; ".join(status.status(release_dir)["overdue"])


def test_old_response_files_and_waves_are_stale_for_dbt_and_status_alike(release_dir, project, warehouse, monkeypatch):
    ends = warehouse.execute(
        "select last_wave_end_date from marts.dim_surveys where wave_count > 1 and not is_cited_only"
    ).fetchall()
    age = max((date.today() - end).days for (end,) in ends)

    assert freshness(project, age + 2) == {"responses.answers": "pass", "catalogue.repeated_surveys": "pass"}
    found = overdue(release_dir, project, age + 2, monkeypatch)
    assert "look for the next" not in found and "response file was loaded" not in found

    write_wave(project / "responses", "test", "wave_a", respondents({"a": 2}))
    [file] = (project / "responses").rglob("*.parquet")
    written = time.time() - (age + 20) * DAY
    os.utime(file, (written, written))
    assert freshness(project, age + 2) == {"responses.answers": "warn", "catalogue.repeated_surveys": "pass"}
    found = overdue(release_dir, project, age + 2, monkeypatch)
    loaded = datetime.fromtimestamp(written, UTC).date()
    assert f"the newest response file was loaded on {loaded}; load the next wave" in found
    assert "look for the next" not in found

    assert freshness(project, age - 2) == {"responses.answers": "warn", "catalogue.repeated_surveys": "warn"}
    assert "look for the next" in overdue(release_dir, project, age - 2, monkeypatch)
