"""The models of official series on tables of a test: their SQL as it stands, without dbt."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
from support.project import PROJECT

from smv_ai.official.described import described_table

MODELS = (
    "int_official_breaks",
    "int_official_figures_chosen",
    "int_official_figures_placed",
    "int_official_steps_taken",
)
PLACED, STEPS = MODELS[2:]
NOWHERE = Path("no project, so nothing is loaded")
FOLDER = PROJECT / "models" / "intermediate" / "official"
MARTS = PROJECT / "models" / "marts" / "official"
STAGED = {"stg_official__figures": "official_figures", "stg_official__series_breaks": "series_breaks"}


def seed(name: str) -> pd.DataFrame:
    text = {column: str for column in ("time_period", "from_period", "to_period")}
    return pd.read_csv(PROJECT / "seeds" / "official" / f"{name}.csv", dtype=text)


def in_sql(model: str, folder: Path = FOLDER) -> str:
    """The SQL of a model that names tables alone, without dbt."""
    text = (folder / f"{model}.sql").read_text(encoding="utf-8")
    return re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", text)


def worked_out(
    figures: pd.DataFrame, breaks: pd.DataFrame, project: Path = NOWHERE
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures with their stretches, and steps, by the SQL of the models."""
    connection = duckdb.connect()
    connection.register("stg_official__figures", figures)
    connection.register("stg_official__series_breaks", breaks)
    connection.register("int_official_figures_loaded", described_table(project))
    for name in MODELS:
        connection.execute(f"create table {name} as {in_sql(name)}")
    return connection.table(PLACED).df(), connection.table(STEPS).df()
