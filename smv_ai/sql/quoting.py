"""Names and texts in SQL: the one place that puts what comes from outside between quotes."""

from __future__ import annotations


def literal(value: object) -> str:
    """A value as an SQL literal: numbers as they are, everything else as text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier: any name, SQL words, leading digits and quotes included."""
    return '"' + name.replace('"', '""') + '"'
