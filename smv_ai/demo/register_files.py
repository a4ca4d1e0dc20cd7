"""Panel files of made-up registers: the same bytes on every run, laid out like the register of real firms."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from smv_ai.demo.published import printed_figures
from smv_ai.demo.register import Register, printed_of
from smv_ai.demo.register_fit import fit
from smv_ai.demo.register_plan import RegisterPlan, read_register_plans
from smv_ai.demo.switch import switch
from smv_ai.matching.study import Study, read_studies
from smv_ai.settings import variables_of


def register_folder(project: Path) -> Path:
    """Where the warehouse looks for made-up panels: demo_register_path of dbt_project.yml."""
    return project / variables_of(project)["demo_register_path"]


def write_registers(project: Path, target: Path) -> int:
    """Write the panels of all plans in demo/registers/ below `target`, which is switched as a whole; returns how many.

    docs/matching.md has the layout. Raises BadInputError where a plan or its study cannot be used.
    """
    plans = read_register_plans(project)
    studies = {study.study_id: study for study in read_studies(project / "panels")} if plans else {}
    figures = printed_figures(project) if plans else []
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as private:
        written = Path(private) / "new"
        written.mkdir()
        for plan in plans:
            study = studies[plan.study_id]
            register = Register(plan, printed_of(study, figures), (study.base_year, study.end_year))
            fit(register, study)
            _write(register, plan, study, written)
        switch(written, target)
    return len(plans)


def _write(register: Register, plan: RegisterPlan, study: Study, target: Path) -> None:
    folder = target / f"study_id={plan.study_id}"
    folder.mkdir()
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("panel", register.rows())
        path = folder / f"{study.base_year}_{study.end_year}.parquet"
        connection.execute(f"copy (from panel) to '{path}' (format parquet, compression zstd)")
