"""From plans to response files: draw each wave, calibrate its answers, write it; skip all where nothing has changed."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from smv_ai.demo.files import write_wave
from smv_ai.demo.fit import fit_answers
from smv_ai.demo.published import MACROS, MODELS, printed_figures
from smv_ai.demo.questionnaire import draw_answers, plan_questionnaire
from smv_ai.demo.sample import Sample, draw_sample
from smv_ai.demo.switch import switch
from smv_ai.demo.targets import Target, find_targets
from smv_ai.demo.weights import final_weights
from smv_ai.errors import BadInputError
from smv_ai.settings import variables_of
from smv_ai.survey.codebook import Codebook, read_codebook, read_rows
from smv_ai.survey.plan import Plan, read_plan

FINGERPRINT = "fingerprint.txt"
REPORT = "targets.json"


@dataclass
class Wave:
    """A finished wave: its sample with answers, its targets and the estimates that they came to."""

    plan: Plan
    codebook: Codebook
    sample: Sample
    targets: list[Target]
    estimates: np.ndarray


def _fingerprint(project_dir: Path) -> str:
    """A hash of all that the responses depend on."""
    generator = Path(__file__).parent
    files = [project_dir / "dbt_project.yml", *(project_dir / model for model in MODELS), *generator.glob("*.py")]
    for folder in ("demo", "surveys", "seeds/published", "seeds/catalogue", MACROS):
        files += [path for path in (project_dir / folder).glob("*.*") if path.suffix != ".md"]
    found = hashlib.sha256(f"{duckdb.__version__} {np.__version__}".encode())
    # sorted by name, not by place: the project may lie anywhere
    for name, content in sorted((path.name, path.read_bytes()) for path in files):
        found.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return found.hexdigest()


def _in_order(plans: list[Plan]) -> list[Plan]:
    """Each wave after the one whose firms it takes over."""
    ordered: list[Plan] = []
    while waiting := [plan for plan in plans if plan not in ordered]:
        done = {plan.survey_wave_id for plan in ordered}
        ready = [plan for plan in waiting if plan.panel is None or plan.panel.earlier in done]
        if not ready:
            raise BadInputError(f"demo/{waiting[0].survey_wave_id}.yml: the earlier wave of the panel has no plan")
        ordered += ready
    return ordered


def _make_wave(
    plan: Plan, codebook: Codebook, earlier: Wave | None, figures: list[dict[str, Any]], dimensions: list[str]
) -> Wave:
    sample = draw_sample(plan, codebook, earlier.sample if earlier else None)
    questionnaire = plan_questionnaire(plan, codebook, sample.table)
    draw_answers(questionnaire, plan, sample, earlier.sample.table if earlier else None)
    targets = find_targets(codebook, figures, plan.survey_wave_id, dimensions)
    weights = {design.design_id: final_weights(sample, design) for design in codebook.designs}
    estimates = fit_answers(questionnaire, sample.table, plan, targets, weights)
    return Wave(plan, codebook, sample, targets, estimates)


def make_waves(project_dir: Path, only: str | None = None) -> list[Wave]:
    """All waves that have a plan and a codebook, or the one of that id, which may take over no firms.

    Raises BadInputError where a plan does not fit its codebook.
    """
    rows, figures = read_rows(project_dir), printed_figures(project_dir)
    dimensions = variables_of(project_dir)["group_dimensions"]
    waves: dict[str, Wave] = {}
    for plan in _in_order([read_plan(path) for path in sorted((project_dir / "demo").glob(f"{only or '*'}.yml"))]):
        codebook = read_codebook(rows, plan.survey_wave_id)
        if codebook is None:
            raise BadInputError(f"demo/{plan.survey_wave_id}.yml: there is no surveys/{plan.survey_wave_id}.yml")
        earlier = waves[plan.panel.earlier] if plan.panel else None
        waves[plan.survey_wave_id] = _make_wave(plan, codebook, earlier, figures, dimensions)
    return list(waves.values())


def demo_folder(project_dir: Path) -> Path:
    """Where the warehouse looks for demonstration responses: demo_responses_path of dbt_project.yml."""
    return project_dir / variables_of(project_dir)["demo_responses_path"]


def _report(waves: list[Wave]) -> list[dict[str, Any]]:
    return [
        {
            "survey_wave_id": wave.plan.survey_wave_id,
            "design_id": target.design.design_id,
            "measure_id": target.measure.measure_id,
            "segment": target.segment,
            "lower": target.lower,
            "upper": target.upper if np.isfinite(target.upper) else None,
            "estimate": None if np.isnan(estimate) else round(float(estimate), 6),
            "is_met": target.is_met(float(estimate)),
            "figures": target.figures,
            "contradicted": target.contradicted,
        }
        for wave in waves
        for target, estimate in zip(wave.targets, wave.estimates, strict=True)
    ]


def _stamp(fingerprint: str, folder: Path) -> str:
    """What the folder was made from, then a digest of each of its files: the stamp of a folder as it was written."""
    lines = [fingerprint]
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() and path.name != FINGERPRINT:
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "not a file"
            lines.append(f"{digest}  {path.relative_to(folder).as_posix()}")
    return "\n".join(lines) + "\n"


def _is_as_written(fingerprint: str, folder: Path) -> bool:
    """Whether plans, seeds, generator and every file of the folder are those that the stamp tells of."""
    try:
        return (folder / FINGERPRINT).read_text(encoding="utf-8") == _stamp(fingerprint, folder)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        return False


def write_responses(project_dir: Path, target: Path) -> bool:
    """Write the demonstration responses of all plans below `target`, as docs/responses.md lays them out.

    The folder is switched as a whole. False, and nothing is written, where plans, survey files, seeds, generator and
    files are as they were. Targets that cannot be met are in its targets.json; `unmet_targets` reads them.
    """
    fingerprint = _fingerprint(project_dir)
    if _is_as_written(fingerprint, target):
        return False
    waves = make_waves(project_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as private:
        written = Path(private) / "new"
        written.mkdir()
        for wave in waves:
            write_wave(wave.sample, wave.codebook, wave.plan, written)
        (written / REPORT).write_text(json.dumps(_report(waves), indent=1), encoding="utf-8")
        (written / FINGERPRINT).write_text(_stamp(fingerprint, written), encoding="utf-8")
        switch(written, target)
    return True


def unmet_targets(target: Path) -> list[str]:
    """A line for each printed figure that the responses below `target` do not give back."""
    found = json.loads((target / REPORT).read_text(encoding="utf-8"))
    lines = []
    for row in found:
        cell = " ".join([row["survey_wave_id"], row["measure_id"], *row["segment"].values()])
        upper = "any" if row["upper"] is None else f"{row['upper']:.6g}"
        if not row["is_met"]:
            printed = f"printed {row['lower']:.6g} to {upper}, estimate {row['estimate']}"
            lines.append(f"{cell}: {printed} ({', '.join(row['figures'])})")
        if row["contradicted"]:
            lines.append(f"{cell}: {', '.join(row['contradicted'])} contradicts {', '.join(row['figures'])}")
    return lines
