"""A project that is a copy starts from what dbt has read of the real one, and still reads all that is its own."""

from __future__ import annotations

from pathlib import Path

import duckdb
from support.project import copy_project

from smv_ai.build import dbt
from smv_ai.golden.build import build_arguments, run_dbt


def test_little_is_read_and_the_seeds_are_those_of_the_folder(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    database = project / "build.duckdb"
    dbt.lend_reading(project, database, {})
    events: list[str] = []
    read = dbt.read(project, database, [], lambda event: events.append(event.info.name))
    assert "PartialParsingSkipParsing" in events
    seeds = [node for node in read.result.nodes.values() if node.resource_type == "seed"]
    assert len(seeds) > 20 and {seed.root_path for seed in seeds} == {str(project)}


def test_an_edit_of_rows_and_of_a_model_is_read(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    seed, model = project / "seeds/codelists/regions.csv", project / "models/marts/core/dim_regions.sql"
    seed.write_text(seed.read_text(encoding="utf-8").replace("Hele landet", "Hele riget"), encoding="utf-8")
    model.write_text(f"{model.read_text(encoding='utf-8')}where region_id = 'total'\n", encoding="utf-8")
    database = run_dbt(project, build_arguments("+dim_regions"))
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("select label_da from marts.dim_regions").fetchall() == [("Hele riget",)]
