"""Response files with the same bytes on every run: columns in the order of the plan, rows in that of the ids."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from smv_ai.demo.sample import Sample
from smv_ai.survey.codebook import Codebook
from smv_ai.survey.plan import Plan

PREFIX = "demo_"


def response_frame(sample: Sample, codebook: Codebook, plan: Plan) -> pd.DataFrame:
    """The columns of the response file, a row a respondent; derived columns are not part of it."""
    numbers = range(1, sample.table.size + 1)
    columns: dict[str, object] = {
        "respondent_id": [f"{PREFIX}{plan.survey_wave_id}_{number:05d}" for number in numbers],
        "stratum_id": [stratum.stratum_id for stratum in sample.strata],
        "design_weight": sample.design_weights,
        "stratum_population_size": pd.array([stratum.population for stratum in sample.strata], dtype="Float64"),
    }
    if codebook.has_psu:
        columns["psu_id"] = [f"{PREFIX}{codebook.survey_id}_firm_{firm:05d}" for firm in sample.firms]
    for name in [*plan.strata[0].columns, *(draw.column for draw in plan.columns)]:
        columns[name] = sample.table.texts(name)
    for draw in plan.answers:
        columns[draw.column] = sample.table[draw.column].astype(np.int16)
    return pd.DataFrame(columns)


def write_wave(sample: Sample, codebook: Codebook, plan: Plan, target: Path) -> None:
    """Write the response file of a wave below the folder."""
    folder = target / f"survey_id={codebook.survey_id}" / f"survey_wave_id={plan.survey_wave_id}"
    folder.mkdir(parents=True)
    frame = response_frame(sample, codebook, plan)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("responses", frame)
        path = folder / "responses.parquet"
        connection.execute(f"copy (from responses) to '{path}' (format parquet, compression zstd)")
