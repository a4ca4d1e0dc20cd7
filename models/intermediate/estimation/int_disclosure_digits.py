"""To what step figures are shown so that hidden counts stay open: smv_ai/survey/disclosure says how."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.environment import released_before
from smv_ai.survey.disclosure.model import digits


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per figure that other answers behind a hidden count would move."""
    return session.from_arrow(
        digits(
            session,
            {
                "figures": dbt.ref("int_disclosure_figures"),
                "scores": dbt.ref("int_disclosure_answer_scores"),
                "cells": dbt.ref("int_cells_weighted"),
                "strata": dbt.ref("int_design_strata"),
                "segments": dbt.ref("int_design_segments"),
                "scored": dbt.ref("int_cells_scored"),
                "moments": dbt.ref("int_response_moments"),
                "rules": dbt.ref("int_quality_rules"),
            },
            released_before(),
        )
    )
