"""The only model that reads all responses: one aggregate query a wave, planned by int_response_scans."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.engines import session_of
from smv_ai.survey.scan_plan import scanned_cells


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per survey wave and cell."""
    return scanned_cells(session, session_of(dbt.config.meta_get("engine"), session), dbt.ref("int_response_scans"))
