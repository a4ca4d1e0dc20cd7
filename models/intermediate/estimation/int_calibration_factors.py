"""The factors that calibrated weights are multiplied by: smv_ai/survey/inference/calibration.py says how."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.inference.weights import calibration_factors


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per calibration cell, with the cell's own columns."""
    cells = dbt.ref("int_calibration_cells")
    factors = calibration_factors(session, {"calibration_cells": cells}, int(dbt.config.meta_get("raking_rounds")))  # noqa: F841 - read by DuckDB
    return cells.join(session.from_arrow(factors), "calibration_cell")
