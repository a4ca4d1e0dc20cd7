"""What is read of each wave: its columns, the query of its scan, and what is wrong before a row is counted."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.description import Reserved
from smv_ai.survey.engines import session_of
from smv_ai.survey.scan_plan import planned_scans


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per scan of a survey wave."""
    reserved = Reserved(
        codes=dbt.config.meta_get("reserved_codes"),
        numbers=dbt.config.meta_get("reserved_numbers"),
        highest=dbt.config.meta_get("highest_reserved_number"),
    )
    relations = {
        "waves": dbt.ref("int_response_waves"),
        "columns": dbt.ref("int_response_columns"),
        "items": dbt.ref("stg_responses__items"),
        "options": dbt.ref("stg_responses__options"),
        "derived_columns": dbt.ref("stg_responses__derived_columns"),
        "designs": dbt.ref("stg_responses__estimation_designs"),
        "measures": dbt.ref("stg_responses__estimation_measures"),
        "domains": dbt.ref("stg_responses__estimation_domains"),
        "breakdowns": dbt.ref("stg_responses__estimation_breakdowns"),
        "margins": dbt.ref("stg_responses__calibration_margins"),
        "totals": dbt.ref("stg_responses__calibration_totals"),
        "replicates": dbt.ref("stg_responses__replicate_weights"),
    }
    reader = session_of(dbt.config.meta_get("engine"), session)
    return session.from_arrow(planned_scans(reader, relations, reserved, dbt.config.meta_get("weight_in_cell")))
