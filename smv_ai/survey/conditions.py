"""The respondents behind a finding: for whom a condition holds, and how they are named in a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from smv_ai.sql.quoting import portable_text
from smv_ai.survey.engines import Session, dialect_of
from smv_ai.survey.looks import is_finite, is_made_up
from smv_ai.survey.scan_plan import rows_as_dictionaries
from smv_ai.survey.texts import fault_of, is_suspect, spelled

MOST_NAMED = 5
PROBLEMS = pa.schema([(name, pa.string()) for name in ("survey_id", "survey_wave_id", "rule", "message")])


def condition_sql(finding: Mapping[str, Any], scan: Mapping[str, Any]) -> str:
    """SQL that holds for the respondents of a finding.

    `finding` has a `condition` (missing, empty, negative, not_finite, not_number, equal, unknown, misrouted, made_up,
    not_made_up), the `subject` that it is about, a column or an item, and for `equal` a `category`; `scan` is the row
    of int_response_scans.
    """
    condition, subject = finding["condition"], finding["subject"]
    if condition in ("unknown", "misrouted"):
        return scan["conditions"][f"{condition} {subject}"]
    column = scan["column_names"][subject]
    text = scan["column_texts"][subject]
    return {
        "missing": f"{column} is null",
        "empty": f"coalesce(trim({text}), '') = ''",
        "negative": f"{column} < 0",
        "not_finite": f"not {is_finite(column)}",
        "equal": f"coalesce({text}, '') = {portable_text(finding['category'] or '')}",
        "not_number": f"try_cast({text} as double) is null",
        "made_up": is_made_up(column),
        "not_made_up": f"not {is_made_up(column)}",
    }[condition]


def named_respondents(session: Session, scan: Mapping[str, Any], condition: str) -> str:
    """', rows: n (respondents a, b, c …)': how many respondents there are, and the first of them by id."""
    query, name, text = scan["rows_query"], scan["column_names"]["respondent_id"], scan["column_texts"]["respondent_id"]
    found = f"from ({query}) as answers where {condition}"
    (count,) = session.execute(f"select count(*) {found}").fetchall()[0]
    ids = session.execute(f"select {text} as respondent_id {found} order by {name} limit {MOST_NAMED}").fetchall()
    listed = ", ".join("without id" if respondent is None else respondent for (respondent,) in ids)
    return f", rows: {count} (respondents {listed}{' …' if count > MOST_NAMED else ''})"


def named_values(session: Session, scan: Mapping[str, Any], value: str, condition: str) -> str:
    """': null × 3, 7 × 2': the values of those for whom the condition holds, the most frequent first."""
    found = session.execute(
        f"""
        select coalesce({value}, 'null') as given, count(*) as times
        from ({scan["rows_query"]}) as answers
        where {condition}
        group by given
        order by times desc, given
        limit {MOST_NAMED + 1}
        """
    ).fetchall()
    listed = ", ".join(f"{given} × {times}" for given, times in found[:MOST_NAMED])
    return f": {listed}{' …' if len(found) > MOST_NAMED else ''}"


def unclear_ids(session: Session, scan: Mapping[str, Any]) -> str | None:
    """What is said of respondents' ids whose text looks like another one; None where there are none."""
    text = scan["column_texts"]["respondent_id"]
    suspect = is_suspect(text, dialect_of(session))
    suspects = f"select distinct {text} as id from ({scan['rows_query']}) as answers where {suspect}"
    wrong = sorted(id for (id,) in session.execute(suspects).fetchall() if fault_of(id))
    if not wrong:
        return None
    more = " …" if len(wrong) > MOST_NAMED else ""
    listed = "; ".join(f"{spelled(id)}: {fault_of(id)}" for id in wrong[:MOST_NAMED])
    return f"{len(wrong)} respondent ids are not clear text: {listed}{more}"


def repeated_respondents(session: Session, scan: Mapping[str, Any]) -> str | None:
    """What is said of respondents who occur twice in a wave or have no id; None where there are none.

    Then the rows stand in another order, no more.
    """
    name = scan["column_names"]["respondent_id"]
    repeated = f"""
        select {name} as respondent_id, count(*) as times
        from ({scan["rows_query"]}) as answers
        group by {name}
        having count(*) > 1 or {name} is null
    """
    found = session.execute(
        f"select coalesce(cast(respondent_id as string), 'without id'), times from ({repeated}) as repeated order by 1"
    ).fetchall()
    if not found:
        return None
    listed = ", ".join(f"{respondent} × {times}" for respondent, times in found[:MOST_NAMED])
    more = " …" if len(found) > MOST_NAMED else ""
    text = f"{len(found)} respondents are not in the file exactly once, rows: {listed}{more}"
    return f"{text}; each must have an id and one row"


def problems_in_words(session: Session, scans: duckdb.DuckDBPyRelation, findings: duckdb.DuckDBPyRelation) -> pa.Table:
    """A row per rule that a wave breaks, with the message: survey, wave, what is wrong, rows, rule.

    Response rows are looked at only to name the respondents behind a finding.
    """
    by_wave = {row["survey_wave_id"]: row for row in rows_as_dictionaries(scans)}
    problems = []
    for finding in rows_as_dictionaries(findings):
        scan, text = by_wave.get(finding["survey_wave_id"], {}), finding["finding"]
        if finding["condition"] == "repeated":
            text = repeated_respondents(session, scan)
        elif finding["condition"] == "unclear":
            text = unclear_ids(session, scan)
        elif finding["condition"]:
            condition = condition_sql(finding, scan)
            if finding["condition"] in ("unknown", "misrouted"):
                text += named_values(session, scan, scan["item_texts"][finding["subject"]], condition)
            text += named_respondents(session, scan, condition)
        if text:
            where = f"Survey {finding['survey_id']}, wave {finding['survey_wave_id']}"
            message = f"{where}: {text} [{finding['rule']}]"
            problems.append({key: finding[key] for key in PROBLEMS.names[:3]} | {"message": message})
    return pa.Table.from_pylist(sorted(problems, key=lambda row: row["message"]), PROBLEMS)
