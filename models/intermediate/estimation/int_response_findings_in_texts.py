"""Texts of strata, sampling units and breakdowns that differ invisibly, or stand for no value."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.texts import text_findings


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per survey wave and column."""
    return session.from_arrow(text_findings(session, dbt.ref("int_response_cell_weights")))
