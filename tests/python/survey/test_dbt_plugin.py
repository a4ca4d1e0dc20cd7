"""Survey files as dbt's sources: two threads of a build ask for their first tables at the same moment."""

from __future__ import annotations

from pathlib import Path

import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments import Environment
from dbt.adapters.duckdb.plugins import BasePlugin

from smv_ai.environment import PROJECT_DIR
from smv_ai.survey.dbt_plugin import SCHEMA


def test_no_thread_makes_the_schema_while_another_one_does(tmp_path: Path) -> None:
    """dbt-duckdb makes the schema anew for each table; both threads did so, and a build failed by chance."""
    credentials = DuckDBCredentials(database="build", schema="main", path=str(tmp_path / "build.duckdb"))
    plugin = BasePlugin.create("smv_ai.survey.dbt_plugin", credentials=credentials)
    connection = Environment.initialize_db(credentials, {"surveys": plugin})
    first, second = connection.cursor(), connection.cursor()
    for cursor in (first, second):
        cursor.begin()
    for cursor in (first, second):
        cursor.execute(f"create schema if not exists {SCHEMA}")
    for cursor in (first, second):
        cursor.commit()
    connection.close()


def test_the_schema_is_that_of_the_source() -> None:
    described = yaml.safe_load((PROJECT_DIR / "models/staging/responses/_responses.yml").read_text(encoding="utf-8"))
    sources = described["sources"]
    assert [source["schema"] for source in sources if "plugin" in source.get("config", {}).get("meta", {})] == [SCHEMA]
