"""Names, texts and numbers in SQL: the one place that puts what comes from outside between quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable

# DuckDB reads a backslash as itself, Spark as the start of an escape; control characters stop some parsers.
NOT_IN_QUOTES = re.compile(r"(['\\\x00-\x1f])")


def literal(value: object) -> str:
    """A value as an SQL literal: numbers as they are, everything else as text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier: any name, SQL words, leading digits and quotes included."""
    return '"' + name.replace('"', '""') + '"'


def portable_text(text: str) -> str:
    """A text as an SQL expression that DuckDB and Spark read alike."""
    parts = [part for part in NOT_IN_QUOTES.split(text) if part]
    quoted = [f"chr({ord(part)})" if NOT_IN_QUOTES.fullmatch(part) else f"'{part}'" for part in parts]
    return quoted[0] if len(quoted) == 1 else f"concat({', '.join(quoted)})" if quoted else "''"


def portable_texts(texts: Iterable[str]) -> str:
    """Texts as SQL expressions, joined by commas."""
    return ", ".join(map(portable_text, texts))


def double(value: float) -> str:
    """A number as an SQL literal of type double, to the last bit: 17 digits and an exponent."""
    return f"{value:.16e}"
