"""Names and texts in SQL: the one place that puts what comes from outside between quotes."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier: any name, SQL words, leading digits and quotes included."""
    return '"' + name.replace('"', '""') + '"'
