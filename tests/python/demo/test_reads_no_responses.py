"""A demonstration reads no real response, so none of them can stop it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from smv_ai.build.project_check import check_project
from smv_ai.environment import PROJECT_DIR
from smv_ai.errors import BadInputError


def test_a_broken_response_file_stops_the_warehouse_and_not_the_demonstration(tmp_path: Path) -> None:
    for name in ("seeds", "surveys", "demo", "expectations", "panels", "models"):
        shutil.copytree(PROJECT_DIR / name, tmp_path / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT_DIR / name, tmp_path / name)
    (tmp_path / "responses").mkdir()
    (tmp_path / "responses" / "stray.csv").write_text("broken", encoding="utf-8")
    assert "every rule met" in check_project(tmp_path, reads_responses=False)
    with pytest.raises(BadInputError, match=r"responses/stray\.csv"):
        check_project(tmp_path)
