"""Slips that a hand could make in the SQL of a rule: a condition left out, < for <=, a threshold one lower."""

from __future__ import annotations

import re
from collections.abc import Iterator

SLIPS = (
    (r" < (?!\d)", " <= "), (r" >= ", " > "), (r" > (?!0)", " >= "), (r" <> ", " = "),
    (r"disclosure_threshold\(\) \}\}", "disclosure_threshold() }} - 1"),
    (r"\bdesc\b", "asc"), (r"\bmin\(", "max("), (r"\bleast\(", "greatest("), (r"\bbool_or\(", "bool_and("),
    (r"\bleft join\b", "inner join"), (r" \+ ", " - "), (r" - ", " + "), (r" > 2\b", " > 3"), (r" or ", " and "),
    (r"(\bfrom|\binner join|\bleft join) (\w+)$", r"\1 (from \2 limit 0) as \2"),
    (r"(\bfrom|\binner join|\bleft join) (\w+) as (\w+)$", r"\1 (from \2 limit 0) as \3"),
    (r"not ", ""),
)  # fmt: skip


def slips(text: str) -> Iterator[tuple[str, str, str]]:
    """The line that is changed, what stands there instead, and the text with the slip."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if line.lstrip().startswith("--"):
            continue
        for other in _changed(line, lines[place + 1] if place + 1 < len(lines) else ""):
            if other != line:
                yield line.strip(), other.strip(), "\n".join([*lines[:place], other, *lines[place + 1 :]])


def _changed(line: str, following: str) -> Iterator[str]:
    condition = re.fullmatch(r"( *)(and|where|on) (.+)", line)
    if condition and line.count("(") == line.count(")") and not following.strip().startswith(("or ", "case")):
        yield f"{condition[1]}{condition[2]} true"
    for pattern, other in SLIPS:
        for found in re.finditer(pattern, line):
            yield line[: found.start()] + found.expand(other) + line[found.end() :]
