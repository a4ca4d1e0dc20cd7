"""A project folder in which exports are drafted and loaded, without a build."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from smv_ai.environment import PROJECT_DIR
from smv_ai.intake import command, loading, store

WAVE = "fjord_2026"


def new_project(folder: Path) -> Path:
    """An empty project: the catalogue, the settings and no survey."""
    (folder / "surveys").mkdir(parents=True)
    (folder / "seeds").symlink_to(PROJECT_DIR / "seeds")
    (folder / "dbt_project.yml").symlink_to(PROJECT_DIR / "dbt_project.yml")
    return folder


def draft(
    project: Path, files: list[Path], *, wave: str = WAVE, edits: dict[str, str] | None = None, **options: Any
) -> str:
    """The draft of a survey file with edits (pattern to text), ids as they are; returns its text."""
    given = {"tool": None, "frame": None, "like_wave": None} | options
    path, _ = command.new_survey(project, files, wave=wave, **given)
    text = path.read_text(encoding="utf-8").replace("respondent_ids: hashed", "respondent_ids: as_they_are")
    for pattern, new in (edits or {}).items():
        text, count = re.subn(pattern, new, text)
        assert count, f"{pattern} stands nowhere in the draft:\n{text}"
    path.write_text(text, encoding="utf-8")
    return text


def prepared(project: Path, answers: Path | None = None, wave: str = WAVE) -> loading.Prepared:
    """A load before it is written."""
    return loading.prepare(project, loading.wave_of(project, wave), answers)


def load(project: Path, answers: Path | None = None, wave: str = WAVE) -> store.Load:
    """A load with ids as they are; refused where `smv-ai load --yes` refuses it."""
    found = prepared(project, answers, wave)
    loading.check_loadable(found, accept_quarantined=False)
    return loading.write(found, None)


def responses(project: Path, survey: str = "fjord", wave: str = WAVE) -> list[dict[str, Any]]:
    """The canonical responses that lie in place."""
    return parquet.read_table(store.responses_file(project, survey, wave)).to_pylist()
