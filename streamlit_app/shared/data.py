"""Queries on the public marts of a release: one connection a release, a cursor a run, bounded caches."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import streamlit as st

from shared.memory import forget_all, frozen, kept
from shared.text import language, typeset
from smv_ai.environment import app_kind, release_dir
from smv_ai.reader import Release, connect
from smv_ai.releases.folder import find_current, find_release

if TYPE_CHECKING:
    from pandas.api.extensions import ExtensionArray, ExtensionDtype

# What a row of evidence carries into its chart and table. The three headline marts share these columns.
SHOWN = """observation_id, publication_id, segment_label_{lang} as segment, survey_wave_label_{lang} as survey_wave,
    base_population_label_{lang} as base_population, observation_value, value_text_{lang} as value_text,
    unit_label_{lang} as unit, sample_size, ci_lower, ci_upper, interval_method_label_{lang} as interval_method_label,
    is_interval_approximate, no_interval_reason_label_{lang} as no_interval_reason_label,
    observation_status, observation_status_label_{lang} as observation_status_label, contradiction_count,
    is_cited_evidence, evidence_type,
    comparability_group_id, source_file, source_line, source_section,
    replace(coalesce(status_marks, ''), '‖', '*') as status_marks"""
# What it carries besides into its files, which are asked for when a reader wants them.
FILED = """title_{lang} as title, survey_label_{lang} as survey, indicator_label_{lang} as indicator, value_qualifier,
    unit_of_measure, interval_method, no_interval_reason, weighting_method,
    contradiction_check_ids, reference_period, candidate_labels, citation, note"""
# (‖, the mark of what was computed, is in few fonts.)
# The same of a figure of a statistical office; `$unconfirmed` says what the mark means.
OFFICIAL_SHOWN = """mart.official_figure_id as observation_id, mart.time_period, mart.observation_value,
    if(mart.observation_value is null, coalesce(mart.observation_status_label_{lang}, '..'), mart.value_text_{lang})
        as value_text,
    mart.sample_size, mart.ci_lower, mart.ci_upper, mart.interval_method_label_{lang} as interval_method_label,
    mart.interval_method <> 'printed_interval' as is_interval_approximate,
    mart.no_interval_reason_label_{lang} as no_interval_reason_label,
    coalesce(mart.base_population, size_label_{lang} || case when official_industry = 'total' then ''
        else ', ' || lcase(official_industry_label_{lang}) end) as base_population,
    family_label_{lang} as survey_wave, mart.observation_status,
    case when mart.observation_status <> 'normal' then mart.observation_status_label_{lang}
        when not mart.is_confirmed then $unconfirmed end as observation_status_label,
    case when mart.observation_value is not null and not mart.is_confirmed then '◊' else '' end as status_marks,
    mart.source_title, mart.source_address, 0 as contradiction_count, false as is_cited_evidence,
    'published' as evidence_type, null as comparability_group_id, null as publication_id, null as source_file,
    null::integer as source_line"""
OFFICIAL_FILED = """mart.interval_method, mart.no_interval_reason, mart.observation_flag, mart.unit_of_measure,
    mart.source_kind, mart.print_count, mart.question_wording, mart.stretch_id, null as source_section,
    mart.source_title || '. ' || mart.source_address as citation"""
# Where a query on a headline mart, or on mart_official as `mart`, has these columns; `evidence.ask` fills them in.
EVIDENCE, OFFICIAL = "{evidence}", "{official}"
COLUMNS = {EVIDENCE: (SHOWN, FILED), OFFICIAL: (OFFICIAL_SHOWN, OFFICIAL_FILED)}

# How the names of DuckDB's types of numbers begin.
NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER")

# Steps of DuckDB's planning that pay for themselves in large tables. Those of a page have some hundred rows: to plan a
# query takes ten times as long as to run it.
NEEDLESS = (
    "statistics_propagation", "join_order", "build_side_probe_side", "compressed_materialization", "common_subplan",
    "common_subexpressions", "top_n",
)  # fmt: skip

# Columns of words that are read on the screen: 10–49 and −0,9 in them, whatever a source or a code list writes.
WORDS = {
    "label", "series", "segment", "survey", "survey_wave", "base_population", "value_text", "title", "indicator",
    "left_label", "right_label", "left_value", "right_value", "left_facet_value", "right_facet_value", "population",
    "from_label", "to_label", "break_words", "apart", "bases",
    "group_title", "wording", "options", "figure_label", "shows",
}  # fmt: skip

# Texts as Python has them: for tables of some dozens of rows Arrow's, pandas' default, take several times as long.
pd.options.mode.string_storage = "python"
TEXT: ExtensionDtype = pd.Series([], dtype="str").array.dtype

# The parameter of the URL that names a release; without it a reader sees the current one.
RELEASE = "release"


# An evicted connection is closed when the last cursor of a run lets go of it, never under a query: so no on_release.
@st.cache_resource(max_entries=4, ttl="12h", show_spinner=False)
def _connection(database: str, _release: Release) -> duckdb.DuckDBPyConnection:
    """The shared connection to one release, keyed by its real path (a new release has a path of its own).

    A query runs on the thread that asks: to share one of some milliseconds out costs more than it saves, and the other
    cores have other readers.
    """
    connection = connect(_release)
    connection.execute("set threads = 1")
    connection.execute(f"set disabled_optimizers = '{','.join(NEEDLESS)}'")
    return connection


# A run of the script is a thread of its own: its cursor ends with it.
_run = threading.local()


def _cursor(found: Release) -> duckdb.DuckDBPyConnection:
    """The cursor of this run on a release; to open one for each query takes longer than some of the queries."""
    if getattr(_run, "database", None) != found.database:
        _run.database, _run.cursor = found.database, _connection(str(found.database), found).cursor()
    return _run.cursor


@functools.lru_cache(maxsize=512)
def _parsed(sql: str) -> duckdb.Statement:
    """A statement as DuckDB has read it: to read it anew takes a fourth of the time of a query of a page."""
    [statement] = duckdb.extract_statements(sql)
    return statement


def read(found: Release, sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    """The rows of a query on a release, asked anew."""
    answer = _cursor(found).execute(_parsed(sql), parameters or None)
    kinds = {column[0]: str(column[1]) for column in answer.description}
    # For some dozens of rows several times as fast as DuckDB's own df().
    rows = answer.fetchall()
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return pd.DataFrame({name: _column(kind, told) for (name, kind), told in zip(kinds.items(), columns, strict=True)})


def _column(kind: str, values: Sequence) -> np.ndarray | ExtensionArray | list:
    """The values as pandas has them: what it could not tell from them, and texts, whose kind it looks for at length."""
    if kind.startswith(NUMBERS):
        is_float = None in values or kind.startswith("DECIMAL")
        return np.array([math.nan if value is None else value for value in values], dtype=float if is_float else None)
    if kind == "VARCHAR" and any(value is not None for value in values):
        return pd.array(list(values), dtype=TEXT)
    return list(values) or np.array([], dtype=object)


@kept(512)
def _rows(
    release_id: str, database: str, sql: str, asked: Hashable, is_typeset: bool, _release: Release, _parameters: dict
) -> pd.DataFrame:
    """The rows of a query, kept per release; `release_id`, `database` and `asked` are there to be the key."""
    rows = read(_release, sql, _parameters)
    if is_typeset:
        for name in WORDS.intersection(rows):
            rows[name] = [typeset(word) if isinstance(word, str) else word for word in rows[name]]
    return rows


def settle_release() -> Release:
    """Fix the release of this run, so that no page mixes two: the one that the URL names, or the current one.

    The URL is read on the first run of a session: a change of page drops its parameters, so the choice is written back.
    Raises NoReleaseError where there is no such release or it is not complete.
    """
    asked = st.session_state.setdefault("release_asked", st.query_params.get(RELEASE) or None)
    if asked is not None and st.query_params.get(RELEASE) != asked:
        st.query_params[RELEASE] = asked
    found = st.session_state["release_settled"] = find_release(asked, kind=app_kind())
    if asked is None:
        _let_go_of_former(found.database)
    return found


_current: list[Path] = []  # the database of the current release, as readers saw it last


def _let_go_of_former(database: Path) -> None:
    """Where `current` has moved on, forget what was kept of the release before: without it, memory grows with each.

    Who is held to that release by a link has it read anew.
    """
    former, _current[:] = list(_current), [database]
    if former not in ([], [database]):
        _connection.clear()
        forget_all()


def release() -> Release:
    """The release of this run; raises NoReleaseError where there is none."""
    return st.session_state.get("release_settled") or settle_release()


def asked_release() -> str | None:
    """The release that the reader's link names; None for whatever is current."""
    return st.session_state.get("release_asked")


def is_outdated() -> bool:
    """True where a link holds the reader to another release than the current one."""
    return release().path.resolve() != find_current(release_dir(app_kind())).path


def follow_current() -> None:
    """Leave the release that the link names: from now on the reader sees the current one."""
    st.session_state["release_asked"] = None
    st.query_params.pop(RELEASE, None)


def query(sql: str, **parameters: Any) -> pd.DataFrame:
    """Rows of a query on the marts of the release of this run.

    `{lang}` in the SQL becomes `da` or `en` (it only ever picks a column); values are bound as `$name`.
    Raises NoReleaseError or duckdb.Error; app.py turns both into a page for the reader.
    """
    found = release()
    text = sql.replace("{lang}", language())
    return _rows(found.release_id, str(found.database), text, frozen(parameters), True, found, parameters)


def raw(sql: str, **parameters: Any) -> pd.DataFrame:
    """The same rows as the release has them, for files: `query` writes labels and values with the signs of print."""
    found = release()
    text = sql.replace("{lang}", language())
    return _rows(found.release_id, str(found.database), text, frozen(parameters), False, found, parameters)


def forget() -> None:
    """Drop the connection to the release of this run, so that a repaired file is opened afresh."""
    settled = st.session_state.get("release_settled")
    if settled is not None:
        _connection.clear(str(settled.database), settled)
        _run.database = _run.cursor = None
