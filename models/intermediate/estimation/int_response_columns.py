"""What the response files say of themselves; no row is read."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.survey.engines import session_of
from smv_ai.survey.head import heads_of


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per survey wave and column of its files."""
    return session.from_arrow(
        heads_of(session_of(dbt.config.meta_get("engine"), session), dbt.ref("int_response_waves"))
    )
