"""Findings in words; looks into response rows only to name the respondents behind one."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.conditions import problems_in_words
from smv_ai.survey.engines import session_of


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per rule that the responses of a wave break."""
    return session.from_arrow(
        problems_in_words(
            session_of(dbt.config.meta_get("engine"), session),
            dbt.ref("int_response_scans"),
            dbt.ref("int_response_findings"),
        )
    )
