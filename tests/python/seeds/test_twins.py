"""The rules of the seeds stand twice: in Python, for messages with file and row, and in dbt. Both say the same.

One copy of the project holds a broken row for each kind of rule; the check of the files and dbt's tests of the loaded
tables are asked once each.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.project import PROJECT, copy_project
from support.seed_edits import edit

from smv_ai.build import dbt
from smv_ai.golden.build import BUILD_FILE, run_dbt
from smv_ai.seeds.check import Checker
from smv_ai.settings import read_yaml

Rows = list[dict[str, str]]
# What a verdict is about: a seed, and the columns of it that a rule names.
Place = tuple[str, frozenset[str]]
ANY = "*"


def put(column: str, value: str, **cells: str) -> Callable[[Rows], None]:
    """Write a value into the first row that has these cells; ANY stands for one that is not empty."""

    def fits(row: dict[str, str]) -> bool:
        return all(row[name] != "" if cell == ANY else row[name] == cell for name, cell in cells.items())

    def change(rows: Rows) -> None:
        next(row for row in rows if fits(row))[column] = value

    return change


def repeat(rows: Rows) -> None:
    rows.append(dict(rows[0]))


# By kind of rule (of a test that has several: which, after a colon): the seed, its columns that the rule names, and the
# change that breaks it.
BROKEN: dict[str, tuple[str, str, Callable[[Rows], None]]] = {
    "keys: primary": ("catalogue/questions", "question_id", repeat),
    "filled": ("catalogue/surveys", "label_en", put("label_en", "")),
    "keys: alternate": (
        "codelists/regions", "region_type, tile_row, tile_column",
        lambda rows: rows[3].update(tile_row=rows[2]["tile_row"], tile_column=rows[2]["tile_column"]),
    ),
    "keys: foreign": ("catalogue/answer_options", "question_id", put("question_id", "no_question")),
    "in_range": ("catalogue/answer_options", "source_line", put("source_line", "0", option_order="2")),
    "one_filled": (
        "catalogue/arithmetic_terms", "figure_id, constant_value", put("constant_value", "", figure_id=""),
    ),
    "refers_to": ("catalogue/headline_figures", "figure_id", put("figure_id", "no_figure", absence_reason_en="")),
    "accepted_values": ("catalogue/base_populations", "base_kind", put("base_kind", "nobody")),
    "line_list": ("catalogue/not_published", "source_lines", put("source_lines", "1,999999")),
    "joins": ("catalogue/comparability_groups", "comparability_group_id", put("comparability_group_id", "no__group")),
    "in_codelist": ("catalogue/indicators", "theme", put("theme", "no_theme")),
    "no_near_miss": ("interviews/interview_codes", "interview_id", put("interview_id", "intervyew_1")),
    "matches": ("codelists/regions", "nuts2_code", put("nuts2_code", "DK09", nuts2_code="DK01")),
    "rising": (
        "catalogue/survey_waves", "collection_end_date",
        put("collection_end_date", "1999-01-01", collection_start_date=ANY),
    ),
    "bounded_by": (
        "published/published_ti_2025", "observation_value", put("observation_value", "101", unit_of_measure="percent"),
    ),
    "exists_in": (
        "published/published_dania_2025", "indicator_id, base_population_id",
        put("base_population_id", "caisa_smes", indicator_id="interviews_held"),
    ),
    "filled_where": ("responses/quality_rules", "at_least, below", put("below", "", quality_rule_id="share_few_firms")),
}  # fmt: skip


def kinds_in_use() -> set[str]:
    found = set()
    for properties in (PROJECT / "seeds").glob("*/_*.yml"):
        for seed in read_yaml(properties)["seeds"]:
            tests = [*seed.get("data_tests", []), *(t for c in seed["columns"] for t in c.get("data_tests", []))]
            found |= {test if isinstance(test, str) else next(iter(test)) for test in tests}
    return found


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("broken") / "project")
    for seed, _, change in BROKEN.values():
        edit(project / "seeds" / f"{seed}.csv", change)
    return project


@pytest.fixture(scope="module")
def of_python(broken: Path) -> set[Place]:
    problems = Checker(broken / "seeds").run()
    return {(Path(found.file).stem, frozenset((found.column or "").split(", "))) for found in problems}


def columns_of(test: Any) -> frozenset[str]:
    """The columns of its seed that a failed test of dbt is about."""
    arguments = test.test_metadata.kwargs
    keys = [*sum(arguments.get("alternate", []), arguments.get("primary", [])), *arguments.get("foreign", [])]
    own = test.column_name or arguments.get("columns") or arguments.get("column") or keys
    return frozenset([own] if isinstance(own, str) else own)


@pytest.fixture(scope="module")
def of_dbt(broken: Path) -> dict[str, set[Place]]:
    """Places by kind of rule."""
    # rules of seeds look into these models; they come before the tests, for a test that fails leaves out what follows
    select = ["--select", "path:seeds", "stg_published__figures", "--indirect-selection", "cautious"]
    run_dbt(broken, ["build", *select, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"], {})
    outcome = dbt.invoke(broken, broken / BUILD_FILE, ["test", "--log-level-file", "none", *select])
    assert [run.message for run in dbt.runs_of(outcome) if run.status in ("error", "skipped")] == []
    failed = [run.node for run in dbt.runs_of(outcome) if run.status == "fail"]
    found: dict[str, set[Place]] = {}
    for test in failed:
        seed = test.attached_node.rsplit(".", 1)[-1]
        found.setdefault(test.test_metadata.name, set()).add((seed, columns_of(test)))
    return found


def test_every_kind_of_rule_is_broken_once():
    broken = {kind.split(":")[0] for kind in BROKEN}
    assert kinds_in_use() == broken
    assert {path.stem for path in (PROJECT / "tests" / "dbt" / "generic").glob("*.sql")} < broken


@pytest.mark.parametrize("kind", BROKEN)
def test_both_refuse_the_row(kind: str, of_python: set[Place], of_dbt: dict[str, set[Place]]):
    seed, columns, _ = BROKEN[kind]
    name = seed.rsplit("/", 1)[-1]
    named = {column for place, found in of_python if place == name for column in found}
    assert set(columns.split(", ")) <= named
    places = of_dbt.get(kind.split(":")[0], set())
    assert any(place == name and set(columns.split(", ")) <= found for place, found in places)


def test_neither_refuses_what_the_other_accepts(of_python: set[Place], of_dbt: dict[str, set[Place]]):
    assert {place for place, _ in of_python} == {place for place, _ in set().union(*of_dbt.values())}
