"""Quantiles of numbers, with their intervals: smv_ai/survey/inference says how."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.engines import session_of
from smv_ai.survey.inference.by_design import quantiles


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per quantile and segment."""
    return session.from_arrow(
        quantiles(
            session,
            session_of(dbt.config.meta_get("engine"), session),
            {
                "cells": dbt.ref("int_cells_weighted"),
                "strata": dbt.ref("int_design_strata"),
                "designs": dbt.ref("stg_responses__estimation_designs"),
                "scored": dbt.ref("int_cells_scored"),
                "measures": dbt.ref("int_design_measures"),
                "segments": dbt.ref("int_design_segments"),
                "replicate_sets": dbt.ref("stg_responses__replicate_sets"),
                "replicate_weights": dbt.ref("stg_responses__replicate_weights"),
                "quantiles": dbt.ref("stg_responses__estimation_quantiles"),
                "items": dbt.ref("stg_responses__items"),
                "scans": dbt.ref("int_response_scans"),
            },
        )
    )
