"""Build the estimation models on the cases.

The project is one of links to the real macros and models, with the cases' own catalogue.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from smv_ai.build import dbt
from smv_ai.environment import DATABASE_NAME, PROJECT_DIR
from smv_ai.errors import BuildError
from smv_ai.golden.cases import Case
from smv_ai.golden.catalogue import catalogue_of
from smv_ai.golden.inputs import grouped_samples
from smv_ai.golden.results import Values, kind_of

# Where, in the project folder, the models look for survey tables (where told), the plan of matched comparisons and the
# responses of a demonstration (always): dbt reads a project anew for every other place.
SURVEY_TABLES = "survey_tables"
PLAN = "target/matching"
DEMO_RESPONSES = "target/demo_responses"
# As a build of the project has it: dbt would read the project anew for another place of the file.
BUILD_FILE = f"target/build/{DATABASE_NAME}"
LINKED = ["dbt_project.yml", "profiles.yml", "macros", "models", "tests"]


def values_of(cases: list[Case], folder: Path, variables: dict[str, str] | None = None) -> dict[str, Values]:
    """What the models give for each case, by case id: values by (variable, level, segment, stat).

    They come from one dbt build in the folder, which must not exist. `variables` overrides variables of the project.
    Raises BuildError.
    """
    samples = grouped_samples(cases)
    catalogue = catalogue_of(samples)
    link_project(folder)
    catalogue.write(folder / SURVEY_TABLES)
    for sample in samples:
        sample.write(folder / "responses")
    settings = {"survey_tables_path": SURVEY_TABLES, **(variables or {})}
    kinds = {kind_of(case) for case in cases}
    models = " ".join(sorted({f"+{kind.model}" for kind in kinds}))
    # R estimates from samples that production would refuse: its tests are left out
    database = run_dbt(folder, build_arguments(models, without=EVERY_TEST), settings)
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = {kind: kind.rows(connection) for kind in kinds}
    return {case.case_id: kind_of(case).values(case, rows[kind_of(case)], catalogue.measures) for case in cases}


def link_project(folder: Path) -> None:
    """Make a project folder that links the real macros and models, without survey files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        (folder / name).symlink_to(PROJECT_DIR / name)
    # copied, so that a test may change them
    shutil.copytree(PROJECT_DIR / "seeds", folder / "seeds")


EVERY_TEST = ["resource_type:test", "resource_type:unit_test"]
# Tests other than those that stop a build before any estimate.
NOT_BLOCKING = ["test_type:generic", "path:tests/dbt/*.sql", "resource_type:unit_test"]


def build_arguments(select: str = "*", without: Sequence[str] = NOT_BLOCKING) -> list[str]:
    """Arguments of dbt that build the selected seeds and models (all unless told), with no tests but the blocking."""
    # cautious: a test is run once all that it reads is built
    return ["build", "--select", *select.split(), "--indirect-selection", "cautious", "--exclude", *without]


def run_dbt(
    folder: Path, arguments: list[str], variables: dict[str, Any] | None = None, *, is_recorded: bool = False
) -> Path:
    """Run dbt in the project folder; returns the path of the built file. Raises BuildError with dbt's messages.

    Paths among the variables are relative to the folder: dbt reads a project anew for every other value of one.
    `is_recorded`: dbt leaves target/run_results.json, and its manifest, whose writing takes as long as twenty models.
    """
    project = folder.resolve()
    database = project / BUILD_FILE
    database.parent.mkdir(parents=True, exist_ok=True)
    options = ["--log-level-file", "none", "--vars", json.dumps(variables or {})]
    dbt.lend_reading(project, database, variables or {})
    outcome: Any = dbt.read(project, database, options)
    if outcome.success:
        record = "--write-json" if is_recorded else "--no-write-json"
        outcome = dbt.invoke(project, database, [*arguments, record, *options], outcome.result)
    if not outcome.success:
        raise BuildError("\n".join(dbt.failures_of(outcome)) or "dbt did not finish")
    return database


def remove(folder: Path) -> None:
    """Remove a build folder with everything in it."""
    shutil.rmtree(folder, ignore_errors=True)
