"""A project with survey files and responses of the tests' own beside the real macros, models and seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from support.estimation_project import write_wave

from smv_ai.golden.build import build_arguments, link_project, run_dbt


@dataclass(frozen=True)
class SurveyWave:
    """A survey file as it is written, and its respondents."""

    survey_id: str
    file: str
    rows: list[dict]


def build_waves(folder: Path, waves: dict[str, SurveyWave], select: str, variables: dict | None = None) -> Path:
    """Build `select` from the waves by their id; returns the built file. Raises BuildError."""
    link_project(folder)
    (folder / "surveys").mkdir()
    for wave_id, wave in waves.items():
        (folder / "surveys" / f"{wave_id}.yml").write_text(wave.file, encoding="utf-8")
        write_wave(folder / "responses", wave.survey_id, wave_id, wave.rows)
    settings = {"responses_path": str(folder / "responses"), **(variables or {})}
    return run_dbt(folder, build_arguments(select), settings)
