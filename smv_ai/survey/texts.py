"""Text that differs from other text invisibly, or stands for nothing: in ids, strata, sampling units and breakdowns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from smv_ai.sql.quoting import portable_texts
from smv_ai.survey.engines import DUCKDB, Dialect

# What programs write where there is no value; `None` is Python's, `none` may be an answer.
PLACEHOLDERS = ("nan", "NaN", "NAN", "-nan", "<NA>", "NaT", "None", "null", "NULL", "Null", "#N/A", "#NULL!")
FINDINGS = pa.schema(
    [
        (name, pa.string())
        for name in ("survey_id", "survey_wave_id", "rule", "finding", "condition", "subject", "category")
    ]
)
WAY_OUT = (
    "write each value in one way: composed (Unicode NFC), without white space at its ends, null where there is none"
)


def clear(text: str) -> str:
    """The text as it should be written: composed, without invisible characters, single spaces between words."""
    if text.isascii() and text.isprintable() and "  " not in text and text == text.strip():
        return text  # as most are, and a load of a million rows looks at each
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cc") or letter.isspace())
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def fault_of(text: str) -> str | None:
    """What is wrong with a text; None where it is as it should be written."""
    if not clear(text):
        return "empty"
    if text in PLACEHOLDERS:
        return "a placeholder for no value"
    if text != text.strip():
        return "white space at its ends"
    if unicodedata.normalize("NFC", text) != text:
        return "letters and their marks written apart"
    if re.search(r"\s\s|[^\S ]", text):
        return "white space that is not one space"
    return "invisible characters" if clear(text) != text else None


def is_suspect(text: str, dialect: Dialect = DUCKDB) -> str:
    """SQL that holds for every text with a fault, and for some without one."""
    return f"({dialect.matches(text, '^$|^ | $|  |[^ -~]')} or {text} in ({portable_texts(PLACEHOLDERS)}))"


def spelled(text: str) -> str:
    """The text between quotes, with the code points of all that is not plain ASCII, and of spaces at its ends."""
    inner = re.sub(r"[^ -~]|^ +| +$", lambda found: "".join(f"[U+{ord(letter):04X}]" for letter in found.group()), text)
    return f"'{inner}'"


def findings_of(values: Iterable[tuple[str, str, str, str, int]]) -> list[dict[str, str]]:
    """A row of FINDINGS per wave and column that holds text with a fault.

    `values`: survey, wave, column, value and respondents. Named is every spelling of what reads the same.
    """
    columns: dict[tuple[str, str, str], dict[str, dict[str, int]]] = {}
    for survey, wave, column, value, respondents in values:
        alike = columns.setdefault((survey, wave, column), {}).setdefault(clear(value), {})
        alike[value] = alike.get(value, 0) + respondents
    found = []
    for (survey, wave, column), groups in columns.items():
        wrong = [spellings for spellings in groups.values() if any(map(fault_of, spellings))]
        if wrong:
            told = "; ".join(", ".join(_told(*spelling) for spelling in sorted(one.items())) for one in wrong)
            count = sum(sum(spellings.values()) for spellings in wrong)
            text = f"column {column}: {count} respondents have text that is not clear: {told}; {WAY_OUT}"
            found.append({"survey_id": survey, "survey_wave_id": wave, "rule": "text_is_clear", "finding": text})
    return found


def _told(value: str, respondents: int) -> str:
    fault = fault_of(value)
    return f"{spelled(value)} × {respondents}" + (f" ({fault})" if fault else "")


def text_findings(session: duckdb.DuckDBPyConnection, cells: duckdb.DuckDBPyRelation) -> pa.Table:
    """The findings in the columns that make the cells of int_response_cell_weights."""
    values = session.sql(
        f"""
        with listed as (
            select
                survey_id,
                survey_wave_id,
                respondents,
                unnest(map_entries(map_concat(
                    attributes,
                    map {{ 'stratum_id': nullif(stratum_id, ''), 'psu_id': case when is_by_unit then psu_id end }}
                )), recursive := true),
            from cells
            qualify is_by_unit = bool_or(is_by_unit) over (partition by survey_wave_id)
        ),

        summed as (
            select survey_id, survey_wave_id, key, value, cast(sum(respondents) as bigint) as respondents
            from listed
            where value is not null
            group by all
        )

        -- with a text that may have a fault come all of its column; they are few but for sampling units
        select *
        from summed
        qualify bool_or({is_suspect("value")}) over (partition by survey_wave_id, key)
        order by all
        """
    ).fetchall()
    return pa.Table.from_pylist(findings_of(values), FINDINGS)
