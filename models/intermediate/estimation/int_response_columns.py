"""What the response files say of themselves; no row is read."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from smv_ai.survey.engines import session_of
from smv_ai.survey.head import heads_of


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> pa.Table:
    """A row per survey wave and column of its files."""
    return heads_of(session_of(dbt.config.meta_get("engine"), session), dbt.ref("int_response_waves"))
