"""Texts of strata, sampling units and breakdowns that differ invisibly, or stand for no value."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from smv_ai.survey.texts import text_findings


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> pa.Table:
    """A row per survey wave and column."""
    return text_findings(session, dbt.ref("int_response_cells"))
