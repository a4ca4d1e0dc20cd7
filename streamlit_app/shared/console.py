"""What the SQL page needs beside widgets: examples, the schema, a statement run in its own process, and files."""

from __future__ import annotations

import io
import json
import math
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet
import streamlit as st

from smv_ai.reader import Release
from smv_ai.releases.export import guarded
from smv_ai.sql.sandbox import LIMITS, Answer, StatementError, run_statement

SCRIPT = Path(__file__).with_name("completion.js")
# Seconds between two looks whether a place is free or the reader has cancelled.
LOOK_AGAIN = 0.05
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


ALL_COLUMNS = """
select distinct column_name from duckdb_columns()
where database_name = current_database() and schema_name = 'marts' order by column_name"""


class CancelledError(Exception):
    """The reader cancelled the statement."""


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


class Job:
    """A statement that runs on a thread of its own, so that its reader can see that it runs, and cancel it."""

    def __init__(self, release: Release, statement: str) -> None:
        self.statement, self.started = statement, time.monotonic()
        self._release, self._is_cancelled, self._done = release, threading.Event(), threading.Event()
        self._process: subprocess.Popen | None = None
        self._run: Run | None = None
        self._problem: Exception | None = None
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        try:
            self._run = self._answer()
        except Exception as problem:  # noqa: BLE001 (raised again where the reader waits)
            self._problem = CancelledError() if self._is_cancelled.is_set() else problem
        finally:
            self._done.set()

    def _answer(self) -> Run:
        places, until = _places(), time.monotonic() + seconds()
        while not places.acquire(timeout=LOOK_AGAIN):
            if self._is_cancelled.is_set() or time.monotonic() > until:
                raise BusyError
        try:
            answer = run_statement(self._release.database, self.statement, started_as=self._begun)
            return Run(self.statement, self._release, answer)
        finally:
            places.release()

    def _begun(self, process: subprocess.Popen) -> None:
        self._process = process
        if self._is_cancelled.is_set():
            process.kill()

    def cancel(self) -> None:
        """End the statement, whether it waits or runs; one that has its rows keeps them."""
        self._is_cancelled.set()
        if self._process is not None:
            self._process.kill()

    def wait(self, longest: float | None = None) -> bool:
        """Wait at most so many seconds, or to the end; returns whether there is an answer or a problem."""
        return self._done.wait(longest)

    def result(self) -> Run:
        """The rows; raises StatementError, BusyError where no place became free, CancelledError."""
        if self._problem:
            raise self._problem
        assert self._run is not None, "asked for before the end"
        return self._run


def run(release: Release, statement: str) -> Run:
    """The rows of a statement on a release; raises StatementError, or BusyError where no place became free."""
    job = Job(release, statement)
    job.wait()
    return job.result()


def names(tables: list[str], columns: list[str]) -> list[str]:
    """What the box for a statement completes: tables first, then columns, each once."""
    return list(dict.fromkeys([*tables, *sorted(columns)]))


def completion(known: list[str], label: str) -> str:
    """The script that completes names in the box."""
    told = {"__NAMES__": known, "__LABEL__": label}
    script = SCRIPT.read_text(encoding="utf-8")
    for place, value in told.items():
        # No name ends the script: `<` is written as an escape.
        script = script.replace(place, json.dumps(value).replace("<", "\\u003c"))
    return f"<script>{script}</script>"


def frame(table: pyarrow.Table) -> pd.DataFrame:
    """The rows as they are shown and written: whole numbers stay whole beside missing ones, dates are ISO texts."""
    shape = [
        field.with_type(pyarrow.string()) if pyarrow.types.is_temporal(field.type) else field for field in table.schema
    ]
    return table.cast(pyarrow.schema(shape)).to_pandas(integer_object_nulls=True)


def csv(done: Run) -> bytes:
    """The rows as CSV that a spreadsheet reads, each with its release; the statement stands in the first row alone."""
    kept = frame(done.answer.table).assign(smv_ai_release=done.release.cited_as)
    kept["smv_ai_statement"] = [done.statement, *[""] * (len(kept) - 1)][: len(kept)]
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
    "ALL_COLUMNS", "COLUMNS", "EXAMPLES", "LIMITS", "TABLES", "BusyError", "CancelledError", "Job", "Run",
    "StatementError", "completion", "csv", "frame", "names", "parquet", "run", "seconds",
]  # fmt: skip
