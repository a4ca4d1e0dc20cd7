"""Queries on the public marts of the current release: one connection a release, a cursor a query, bounded caches."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from shared.text import language
from smv_ai.reader import Release, connect, current_release

# What every row of evidence carries into its chart, table and download. The three headline marts share these columns.
EVIDENCE = """
    observation_id, publication_id, title_{lang} as title, segment_label_{lang} as segment,
    survey_label_{lang} as survey, survey_wave_label_{lang} as survey_wave, indicator_label_{lang} as indicator,
    base_population_label_{lang} as base_population, observation_value, value_text_{lang} as value_text,
    value_qualifier, unit_of_measure, unit_label_{lang} as unit, sample_size, ci_lower, ci_upper,
    interval_method, interval_method_label_{lang} as interval_method_label, is_interval_approximate,
    no_interval_reason, no_interval_reason_label_{lang} as no_interval_reason_label, weighting_method,
    observation_status, observation_status_label_{lang} as observation_status_label, contradiction_count,
    contradiction_check_ids, is_cited_evidence, evidence_type, reference_period, comparability_group_id,
    candidate_labels, source_file, source_line, source_section, citation, note,
    case observation_status
        when 'label_uncertain' then '†' when 'ocr_uncertain' then '‡'
        when 'base_uncertain' then '§' when 'derived' then '‖' else ''
    end || case when contradiction_count > 0 then '¶' else '' end as status_marks"""


@st.cache_resource(max_entries=2, show_spinner=False, on_release=lambda connection: connection.close())
def _connection(database: str, _release: Release) -> duckdb.DuckDBPyConnection:
    """The shared connection to one release, keyed by its real path (a new release has a path of its own)."""
    return connect(_release)


@st.cache_data(max_entries=256, show_spinner=False)
def _rows(release_id: str, database: str, sql: str, parameters: dict[str, Any], _release: Release) -> pd.DataFrame:
    """The rows of a query, kept per release; `release_id` and `database` are there to be the key."""
    cursor = _connection(database, _release).cursor()
    try:
        return cursor.execute(sql, parameters or None).df()
    finally:
        cursor.close()


def release() -> Release:
    """The release that `current` points to now; raises NoReleaseError where there is none."""
    return current_release()


def query(sql: str, **parameters: Any) -> pd.DataFrame:
    """Rows of a query on the marts of the current release.

    `{lang}` in the SQL becomes `da` or `en` (it only ever picks a column); values are bound as `$name`.
    Raises NoReleaseError or duckdb.Error; app.py turns both into a page for the reader.
    """
    found = release()
    text = sql.replace("{lang}", language())
    return _rows(found.release_id, str(found.database), text, parameters, found)


def check() -> Release:
    """Open the current release and read one row, so that a damaged file is noticed before a page is drawn."""
    query("select count(*) as comparisons from marts.fct_comparability")
    return release()


def forget() -> None:
    """Drop connections and rows, so that a repaired release is read afresh."""
    _rows.clear()
    _connection.clear()
