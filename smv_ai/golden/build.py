"""
Build the estimation models on the cases: a project of links to the real macros and models, with the cases' catalogue.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

import duckdb

from smv_ai.dbt_run import no_collections
from smv_ai.golden.cases import Case
from smv_ai.golden.catalogue import catalogue_of
from smv_ai.golden.samples import grouped_samples
from smv_ai.paths import PROJECT_DIR

RESPONSE_SEEDS = "responses"
LINKED = ["dbt_project.yml", "profiles.yml", "macros", "models", "tests"]
COLUMNS = [
    "design_id",
    "measure_id",
    "segment",
    "estimate",
    "standard_error",
    "ci_lower",
    "ci_upper",
    "degrees_of_freedom",
    "design_effect",
    "t_statistic",
    "p_value",
]


class BuildError(Exception):
    """dbt did not build the cases; the message is its own."""


def estimates_of(cases: list[Case], folder: Path, variables: dict[str, str] | None = None) -> dict[str, list[dict]]:
    """
    Estimates of the cases by case id, each a dictionary of COLUMNS with `variable` and `level`, from one dbt build in
    the
    folder (which must not exist). `variables` overrides variables of the project. Raises BuildError.
    """
    samples = grouped_samples(cases)
    catalogue = catalogue_of(samples)
    link_project(folder)
    catalogue.write(PROJECT_DIR / "seeds" / RESPONSE_SEEDS, folder / "seeds" / RESPONSE_SEEDS)
    for sample in samples:
        sample.write(folder / "responses")
    # R estimates from samples that production would refuse: its rules are reported here, not enforced
    settings = {"responses_path": str(folder / "responses"), "response_checks": "reported", **(variables or {})}
    database = run_dbt(folder, build_arguments("+int_estimates"), settings)
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(f"select {', '.join(COLUMNS)} from intermediate.int_estimates").fetchall()
    results: dict[str, list[dict]] = {case.case_id: [] for case in cases}
    for row in rows:
        estimate = dict(zip(COLUMNS, row, strict=True))
        estimate["variable"], estimate["level"] = catalogue.measures[estimate["design_id"], estimate["measure_id"]]
        results[estimate["design_id"]].append(estimate)
    return results


def link_project(folder: Path) -> None:
    """Make a project folder that links the real macros and models; its response catalogue is left to the caller."""
    folder.mkdir(parents=True)
    for name in LINKED:
        (folder / name).symlink_to(PROJECT_DIR / name)
    # dbt follows a link at the top of a path only, so the seeds beside the replaced ones are copied
    shutil.copytree(PROJECT_DIR / "seeds", folder / "seeds", ignore=shutil.ignore_patterns(RESPONSE_SEEDS))


# Tests other than those that stop a build before any estimate.
NOT_BLOCKING = ["test_type:generic", "path:tests/dbt/*.sql"]


def build_arguments(select: str = "*") -> list[str]:
    """Arguments of dbt that build the selected seeds and models (all unless told), with no tests but the blocking."""
    # cautious: a test is run once all that it reads is built
    tests = ["--indirect-selection", "cautious", "--exclude", *NOT_BLOCKING, "resource_type:unit_test"]
    return ["build", "--select", select, *tests]


def run_dbt(folder: Path, arguments: list[str], variables: dict[str, str]) -> Path:
    """
    Run dbt in the project folder, in this process; returns the path of the built file. Raises BuildError with dbt's
    messages.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folder = folder.resolve()
    database = folder / "build.duckdb"
    os.environ["SMV_AI_BUILD_FILE"] = str(database)
    # relative paths of response files are those of this project, not of the caller's
    with contextlib.chdir(folder), no_collections():
        result = dbtRunner().invoke(
            [
                "--log-level",
                "none",
                "--log-level-file",
                "none",
                "--quiet",
                *arguments,
                "--project-dir",
                str(folder),
                "--profiles-dir",
                str(folder),
                "--target-path",
                str(folder / "target"),
                "--log-path",
                str(folder / "logs"),
                "--vars",
                json.dumps(variables),
            ]
        )
        # dbt keeps the file open with settings of its own
        DuckDBConnectionManager.close_all_connections()
    if not result.success:
        messages = [
            f"{node.node.name}: {node.message}"
            for node in getattr(result.result, "results", [])
            if node.status in ("error", "fail")
        ]
        raise BuildError("\n".join(messages) or str(result.exception or "dbt did not finish"))
    return database


def remove(folder: Path) -> None:
    """Remove a build folder with everything in it."""
    shutil.rmtree(folder, ignore_errors=True)
