"""Studies and panels of a test, built by the project's matching models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from support.threads import give_threads

from smv_ai.golden.build import PLAN, build_arguments, link_project, run_dbt
from smv_ai.golden.matching import BALANCE_STATS, EFFECT_STATS, MODELS
from smv_ai.matching.panel import open_panel
from smv_ai.matching.plan import write_plan
from smv_ai.matching.study import Study

BASE, END = 2021, 2023
PLAIN = {"label_da": "Prøve", "label_en": "Trial", "base_year": BASE, "end_year": END}


def study(study_id: str, **fields: Any) -> Study:
    return Study(**{**PLAIN, "study_id": study_id, "match_on": ["a"], "outcomes": [{"column": "turnover"}], **fields})


def write_panel(folder: Path, study_id: str, rows: pd.DataFrame) -> None:
    path = folder / "panels" / f"study_id={study_id}" / "panel.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"copy rows to '{path}' (format parquet)")


def build(
    folder: Path,
    panels: list[tuple[Study, pd.DataFrame]],
    threads: int | None = None,
    models: str = MODELS,
    responses_path: str = "responses",
) -> Path:
    """Check the panels, write the plan and build the models; returns the built file."""
    link_project(folder)
    if threads:
        give_threads(folder, threads)
    for one, rows in panels:
        write_panel(folder, one.study_id, rows)
    opened = [open_panel(one, str(folder / "panels"), responses_path) for one, _ in panels]
    write_plan(opened, folder / PLAN)
    return run_dbt(folder, build_arguments(models))


def frame(database: Path, query: str) -> pd.DataFrame:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).df()


def values(database: Path) -> dict[str, dict[tuple[str, str, str], float]]:
    """What the models found, by matching id, in the names of the oracle."""
    names = "(select matching_number, matching_id from staging.stg_matching__matchings) as m using (matching_number)"
    found: dict[str, dict] = {}
    for row in frame(database, f"from intermediate.int_matching_results inner join {names}").to_dict("records"):
        mine = {("effect", "", stat): row[column] for stat, column in EFFECT_STATS.items()}
        found[row["matching_id"]] = {key: value for key, value in mine.items() if not pd.isna(value)}
    for row in frame(database, f"from intermediate.int_matching_balance inner join {names}").to_dict("records"):
        mine = {("balance", row["column_name"], stat): row[stat] for stat in BALANCE_STATS}
        found[row["matching_id"]] |= {key: value for key, value in mine.items() if not pd.isna(value)}
    pairs = frame(
        database,
        "select matching_id, t.firm_id as treated, c.firm_id as control, pair_weight"
        " from intermediate.int_matching_pairs as p"
        f" inner join {names} inner join intermediate.int_matching_outcomes as t using (matching_number, firm_number)"
        " inner join intermediate.int_matching_outcomes as c"
        " on p.matching_number = c.matching_number and p.control_number = c.firm_number",
    )
    for row in pairs.itertuples():
        found[row.matching_id]["pairs", row.treated, row.control] = row.pair_weight
    return found


def firms(random: np.random.Generator, count: int, treated: int) -> pd.DataFrame:
    """Firms of a base year: continuous (a, b), stepped (c) and coarse (d) columns, a sector, turnover of two years."""
    a, b = random.normal(size=(2, count))
    rows = pd.DataFrame(
        {
            "id": random.permutation(np.arange(1, count + 1)) * 7,
            "treatment": (np.arange(count) < treated).astype(float),
            "a": a,
            "b": 0.7 * a + b,
            "c": np.round(random.uniform(0, 1, count) * 20) / 20,
            "d": random.integers(0, 4, count).astype(float),
            "sector": random.choice(["trade", "build", "food"], count, p=[0.6, 0.3, 0.1]),
        }
    )
    rows["y1"] = np.exp(5 + a + 0.3 * random.normal(size=count))
    rows["y2"] = rows.y1 * np.exp(0.1 * rows.treatment + 0.2 * rows.b + 0.3 * random.normal(size=count))
    return rows


def panel(rows: pd.DataFrame) -> pd.DataFrame:
    """Firms as a panel: a row for the base year and one for the end year."""
    columns = [column for column in rows.columns if column not in ("id", "y1", "y2")]
    years = [
        rows[columns].assign(firm_id=rows.id, year=year, turnover=rows[turnover])
        for year, turnover in ((BASE, "y1"), (END, "y2"))
    ]
    return pd.concat(years, ignore_index=True)
