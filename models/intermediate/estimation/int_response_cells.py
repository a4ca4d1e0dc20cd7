"""The only model that reads all responses: one aggregate query a wave, planned by int_response_scans."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.scan_plan import scanned_cells


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per survey wave and cell."""
    return scanned_cells(session, dbt.ref("int_response_scans"))
