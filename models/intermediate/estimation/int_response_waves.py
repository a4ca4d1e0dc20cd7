"""Which folders are read: real responses or, where var('demo') says so, those of the demonstration; never both."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.engines import session_of
from smv_ai.survey.waves import waves_of


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per survey wave that has response files."""
    is_demo = dbt.config.meta_get("demo")
    root = dbt.config.meta_get("demo_responses_path") if is_demo else dbt.config.meta_get("responses_path")
    return session.from_arrow(
        waves_of(session_of(dbt.config.meta_get("engine"), session), session, root, is_demo=is_demo)
    )
