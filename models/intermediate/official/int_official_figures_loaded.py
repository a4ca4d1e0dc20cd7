"""Figures of loaded official tables that official/<table>.yml describes."""

from __future__ import annotations

from typing import Any

import duckdb

from smv_ai.environment import PROJECT_DIR
from smv_ai.official.described import described_table


def model(dbt: Any, session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """A row per figure of a described table: its key, value or none, flag, status, base and question."""
    return session.from_arrow(described_table(PROJECT_DIR))
