"""A model is built in place (macros/project/built_in_place.sql): anew, as another kind, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from support.project import copy_project

from smv_ai.errors import BuildError
from smv_ai.golden.build import BUILD_FILE, build_arguments, run_dbt

MODEL = "models/marts/core/dim_regions.sql"


def build(project: Path, select: str) -> None:
    run_dbt(project, build_arguments(select), {}, is_recorded=True)


def regions(project: Path) -> tuple[str, int, bool]:
    """Kind of the relation, its rows, and whether it is described."""
    with duckdb.connect(str(project / BUILD_FILE), read_only=True) as connection:
        [(kind, comment)] = connection.execute(
            "select table_type, table_comment from information_schema.tables where table_name = 'dim_regions'"
        ).fetchall()
        [(rows,)] = connection.execute("select count(*) from marts.dim_regions").fetchall()
    return kind, rows, bool(comment)


def test_a_model_is_built_anew_in_place_or_the_old_one_stays(tmp_path):
    project = copy_project(tmp_path / "project")
    model = project / MODEL
    sql = model.read_text(encoding="utf-8")
    build(project, "+dim_regions")
    kind, rows, is_described = regions(project)
    assert (kind, is_described) == ("BASE TABLE", True) and rows > 1

    model.write_text(sql + "where region_id <> 'total'\n", encoding="utf-8")
    build(project, "dim_regions")
    assert regions(project) == ("BASE TABLE", rows - 1, True)

    # only the rows show that the number cannot be read
    model.write_text(sql.replace("*", "* replace (cast(region_id as integer) as tile_row)"), encoding="utf-8")
    with pytest.raises(BuildError, match="Could not convert string"):
        build(project, "dim_regions")
    assert regions(project) == ("BASE TABLE", rows - 1, True)

    model.write_text("{{ config(materialized='view') }}\n" + sql, encoding="utf-8")
    build(project, "dim_regions")
    assert regions(project) == ("VIEW", rows, True)

    statuses = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    models = [result["status"] for result in statuses if result["unique_id"].startswith("model.")]
    assert models == ["success"]


def test_a_model_in_python_is_built_anew_in_place_or_the_old_one_stays(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    model = project / "models/intermediate/official/int_bounds_solved.py"

    def count() -> int:
        with duckdb.connect(str(project / BUILD_FILE), read_only=True) as connection:
            [(rows,)] = connection.execute("select count(*) from intermediate.int_bounds_solved").fetchall()
        return rows

    build(project, "+int_bounds_solved")
    rows = count()
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("from_pylist(rows,", "from_pylist(rows[1:],"), encoding="utf-8")
    build(project, "int_bounds_solved")
    assert count() == rows - 1 > 0

    model.write_text(text.replace("return session", "raise ValueError('no')\n    return session"), encoding="utf-8")
    with pytest.raises(BuildError, match="no"):
        build(project, "int_bounds_solved")
    assert count() == rows - 1
