"""Names and texts in SQL: the only place where either is put between quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable

# DuckDB reads a backslash as itself, Spark as the start of an escape; control characters stop some parsers.
NOT_IN_QUOTES = re.compile(r"(['\\\x00-\x1f])")


def identifier(name: str) -> str:
    """A name as DuckDB reads it, whatever it holds: SQL words, leading digits, quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL expression that DuckDB and Spark read alike."""
    parts = [part for part in NOT_IN_QUOTES.split(text) if part]
    quoted = [f"chr({ord(part)})" if NOT_IN_QUOTES.fullmatch(part) else f"'{part}'" for part in parts]
    return quoted[0] if len(quoted) == 1 else f"concat({', '.join(quoted)})" if quoted else "''"


def literals(texts: Iterable[str]) -> str:
    """Texts as SQL expressions, joined by commas."""
    return ", ".join(map(literal, texts))


def number(value: float) -> str:
    """A number as an SQL literal of type double, to the last bit: 17 digits and an exponent."""
    return f"{value:.16e}"
