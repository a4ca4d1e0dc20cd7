"""A project with a catalogue and responses of its own, built by the project's macros and models: for tests of the
estimation models.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
from support.threads import give_threads

from smv_ai.golden.build import SURVEY_TABLES, build_arguments, link_project, run_dbt
from smv_ai.golden.catalogue import Catalogue

DESIGN = {
    "survey_id": "test",
    "stratum_scope": "wave",
    "has_psu": "false",
    "has_population_correction": "true",
    "lonely_stratum": "adjust",
    "interval_level": 0.95,
    "degrees_of_freedom_rule": "design",
}
MEASURE = {"statistic": "share", "interval_method": "logit", "is_amount": "false", "base_population_id": "caisa_smes"}


def build(
    folder: Path,
    catalogue: dict[str, list[dict]],
    waves: dict[tuple[str, str], list[dict]],
    select: str,
    variables: dict | None = None,
    threads: int | None = None,
) -> Path:
    """Build `select` from rows (by table, as survey files expand to) without quality rules, and waves (rows by survey
    and wave), with so many threads of DuckDB where they are given; returns the built file.

    Raises BuildError.
    """
    link_project(folder)
    Catalogue(tables=catalogue).write(folder / SURVEY_TABLES)
    rules = folder / "seeds" / "responses" / "quality_rules.csv"
    rules.write_text(rules.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    if threads:
        give_threads(folder, threads)
    for (survey_id, survey_wave_id), rows in waves.items():
        write_wave(folder / "responses", survey_id, survey_wave_id, rows)
    return run_dbt(folder, build_arguments(select), {"survey_tables_path": SURVEY_TABLES, **(variables or {})})


def write_wave(root: Path, survey_id: str, survey_wave_id: str, rows: list[dict]) -> None:
    target = root / f"survey_id={survey_id}" / f"survey_wave_id={survey_wave_id}"
    target.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows)  # noqa: F841 - read by DuckDB
    with duckdb.connect() as connection:
        connection.execute(f"copy frame to '{target / 'responses.parquet'}' (format parquet)")


def frame(database: Path, query: str) -> pd.DataFrame:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).df()


def respondents(strata: dict[str, int], population: int = 1000, weight: float = 10.0) -> list[dict]:
    """Plain respondents: so many in each stratum, an answer `q1` of 0 or 1, a size and a sector."""
    rows = []
    for stratum, count in strata.items():
        for number in range(count):
            rows.append(
                {
                    "respondent_id": f"{stratum}-{number:04d}",
                    "stratum_id": stratum,
                    "psu_id": f"{stratum}-{number:04d}",
                    "design_weight": weight,
                    "stratum_population_size": float(population),
                    "size": ["small", "large"][number % 2],
                    "sector": ["trade", "build"][number // 2 % 2],
                    "q1": number % 3 % 2,
                    "amount": 100.0 + number,
                }
            )
    return rows


def plain_catalogue(waves: list[str], **design: str) -> dict[str, list[dict]]:
    """A catalogue with one item and one share, by size and sector, for each wave."""
    return {
        "response_items": [
            {
                "survey_wave_id": w,
                "item_id": "q1",
                "column_name": "q1",
                "value_kind": "code",
                "base_population_id": "caisa_smes",
            }
            for w in waves
        ],
        "response_options": [
            {"survey_wave_id": w, "item_id": "q1", "code": c, "label_da": c, "label_en": c}
            for w in waves
            for c in (0, 1)
        ],
        "estimation_designs": [
            {
                **DESIGN,
                "design_id": w,
                "survey_wave_id": w,
                "measure_set_id": "plain",
                "breakdown_set_id": "plain",
                **design,
            }
            for w in waves
        ],
        "estimation_measures": [{**MEASURE, "measure_set_id": "plain", "measure_id": "use", "item_id": "q1"}],
        "estimation_scores": [{"measure_set_id": "plain", "measure_id": "use", "code": c, "score": c} for c in (0, 1)],
        "estimation_breakdowns": [
            {"breakdown_set_id": "plain", "breakdown_id": b or "total", "breakdown_columns": b}
            for b in ("", "size", "sector")
        ],
    }
