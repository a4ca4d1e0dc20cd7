"""What the SQL page needs beside widgets: examples, the schema, a statement run in its own process, and files."""

from __future__ import annotations

import io
import math
import threading
from dataclasses import dataclass

import pandas as pd
import pyarrow
import pyarrow.parquet
import streamlit as st

from smv_ai.reader import Release
from smv_ai.releases.export import guarded
from smv_ai.sql.sandbox import LIMITS, Answer, StatementError, run_statement

# On two cores one process computes while the other waits for it or its end; readers of other pages come first.
AT_ONCE = 2

TABLES = """
select table_name, comment as description from duckdb_tables()
where database_name = current_database() and schema_name = 'marts' order by table_name"""

COLUMNS = """
select column_name, data_type, comment as description from duckdb_columns()
where database_name = current_database() and schema_name = 'marts' and table_name = $table order by column_index"""

# By the key of their name in shared/text.py.
EXAMPLES = {
    "sql_use_by_industry": """
select industry_label_{lang}, value_text_{lang}, sample_size, base_population_label_{lang}, citation
from mart_adoption
where indicator_id = 'ai_use' and size_class_id <> 'total' and evidence_type = 'published'
order by observation_value desc""",
    "sql_headlines": """
select
    headlines.label_{lang}, observations.value_text_{lang}, observations.sample_size,
    headlines.comparability_group_id
from fct_headline_figures as headlines
left join mart_adoption as observations using (observation_id)
order by observations.observation_value desc nulls last""",
    "sql_barriers": """
select barrier_label_{lang}, value_text_{lang}, ci_lower, ci_upper, rank_in_question, citation
from mart_barriers
where survey_wave_id = 'ti_2025' and indicator_id = 'barrier'
order by rank_in_question""",
    "sql_areas": """
select region_label_{lang}, survey_wave_label_{lang}, value_text_{lang}, change_from_previous_wave
from mart_productivity
where indicator_id = 'productivity_indicator' and region_id <> 'total'
order by region_label_{lang}, reference_period""",
    "sql_bases": """
select
    base_population_label_{lang}, count(*) as figures,
    min(observation_value) as lowest, max(observation_value) as highest
from mart_barriers
where unit_of_measure = 'percent'
group by all
order by figures desc""",
    "sql_contradictions": """
select publisher, explanation_{lang}, arithmetic, source_file, source_lines
from fct_source_checks
where outcome = 'contradiction'
order by publisher, source_lines""",
    "sql_find_column": """
select table_name, column_name, comment
from duckdb_columns()
where schema_name = 'marts' and comment ilike '%interval%'
order by table_name, column_name""",
}


class BusyError(Exception):
    """Other statements kept the places for as long as a statement may take."""


@dataclass(frozen=True)
class Run:
    """A statement that gave rows, and the release that they come from."""

    statement: str
    release: Release
    answer: Answer


@st.cache_resource(show_spinner=False)
def _places() -> threading.BoundedSemaphore:
    """The places for statements that run at the same time, shared by all sessions."""
    return threading.BoundedSemaphore(AT_ONCE)


def seconds() -> float:
    """How long a statement may take."""
    return math.inf if LIMITS.seconds is None else LIMITS.seconds


def run(release: Release, statement: str) -> Run:
    """The rows of a statement on a release; raises StatementError, or BusyError where no place became free."""
    places = _places()
    if not places.acquire(timeout=LIMITS.seconds):
        raise BusyError
    try:
        return Run(statement, release, run_statement(release.database, statement))
    finally:
        places.release()


def frame(table: pyarrow.Table) -> pd.DataFrame:
    """The rows as they are shown and written: whole numbers stay whole beside missing ones, dates are ISO texts."""
    shape = [
        field.with_type(pyarrow.string()) if pyarrow.types.is_temporal(field.type) else field for field in table.schema
    ]
    return table.cast(pyarrow.schema(shape)).to_pandas(integer_object_nulls=True)


def csv(done: Run) -> bytes:
    """The rows as CSV that a spreadsheet reads, each with the release and the statement that it comes from."""
    kept = frame(done.answer.table).assign(smv_ai_release=done.release.cited_as, smv_ai_statement=done.statement)
    return guarded(kept).to_csv(index=False).encode("utf-8-sig")


def parquet(done: Run) -> bytes:
    """The rows as Parquet; release, statement and whether rows were cut off stand in the metadata of the file."""
    facts = {
        "smv_ai_release": done.release.cited_as,
        "smv_ai_statement": done.statement,
        "smv_ai_is_cut": str(done.answer.is_cut).lower(),
    }
    file = io.BytesIO()
    pyarrow.parquet.write_table(done.answer.table.replace_schema_metadata(facts), file)
    return file.getvalue()


__all__ = [
    "COLUMNS", "EXAMPLES", "LIMITS", "TABLES", "BusyError", "Run", "StatementError", "csv", "frame", "parquet", "run",
    "seconds",
]  # fmt: skip
