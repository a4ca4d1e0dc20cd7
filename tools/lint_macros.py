"""Lint the SQL in macros and generic tests, which sqlfluff by itself does not reach: they are rendered where called.

Each body is read as a statement: a list of table expressions gets `with` and an end, an expression gets `select`, a
description becomes a comment; names that a macro is given stand for themselves. A macro that gives no SQL is passed
over. Lines keep their numbers.

    .venv/bin/python tools/lint_macros.py FILES
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlfluff.core import FluffConfig, Linter

BODY = re.compile(
    r"\{%-?\s*(?:macro|test)\s+(?P<name>\w+)\(.*?\)\s*-?%\}(?P<body>.*?)\{%-?\s*end(?:macro|test)\s*-?%\}", re.DOTALL
)
DESCRIPTION = re.compile(r"\{#.*?#\}", re.DOTALL)
# a call that stands for table expressions of its own
CALLED_TABLES = re.compile(r"^(\s*)\{\{ *(\w+)\([^{}]*\) *\}\},$", re.MULTILINE)
FIRST = r"\s*(?:(?:--.*\n|\{%[^{}]*%\})\s*)*"
STATEMENT = re.compile(FIRST + r"(?:with|select|from)\b")
TABLES = re.compile(FIRST + r"\w+(?:_\{\{ \w+ \}\})?(?:\([\w, ]+\))? as (?:not materialized |materialized )?\(")
# words of SQL that are names of arguments
WORDS = {"to": "other_table", "column": "the_column", "key": "the_key"}
# Macros that the linter's grammar cannot follow: lambdas with two parameters, operators and texts that Jinja chooses.
NOT_FOLLOWED = {
    "influence_squares", "student_t_mills", "swept_matrices", "value_text", "wilson_bound", "within_caliper",
}  # fmt: skip
# What depends on where a macro is called, or on how its pieces are joined, cannot be asked of a macro alone.
LEFT_OUT = (
    "aliasing.expression, aliasing.unused, ambiguous.column_count, convention.select_trailing_comma, "
    "convention.terminator, layout.cte_newline, layout.end_of_file, layout.indent, layout.newlines, "
    "layout.select_targets, layout.spacing, layout.start_of_file, references, structure.column_order, "
    "structure.unused_cte, structure.unused_join"
)


def statement(body: str) -> str | None:
    """The body of a macro as SQL, line by line where it stood; None where a macro gives no SQL."""
    if re.search(r"\breturn\(|run_query\(|\bdo ", body):
        return None
    text = DESCRIPTION.sub(lambda found: "\n".join("--" for _ in found.group().split("\n")), body).rstrip()
    text = re.sub(r"(?<=\{\{ )(to|column|key)(?= \}\})", lambda name: WORDS[name.group()], text)
    text = CALLED_TABLES.sub(r"\1\2 as (select 1 as one),", text)
    if STATEMENT.match(text):
        return f"{text}\n"
    return f"with {text}\n\nselect 1\n" if TABLES.match(text) else f"select {text}\n"


def faults(path: Path, linter: Linter) -> Iterator[str]:
    """A line for each fault: file, line, rule, what is wrong."""
    source = path.read_text(encoding="utf-8")
    for found in BODY.finditer(source):
        before = source[: found.start("body")].count("\n")
        text = statement(found["body"])
        if text is not None and found["name"] not in NOT_FOLLOWED:
            for fault in linter.lint_string(text, fname=str(path)).get_violations():
                yield f"{path}:{before + fault.line_no}: {fault.rule_code()} {fault.desc()}"


def main(paths: list[str]) -> int:
    """Print the faults of the files and how many there are; the exit code is 1 where there are any, or no file."""
    settings = {"templater": "jinja", "ignore": "templating", "exclude_rules": LEFT_OUT}
    linter = Linter(FluffConfig.from_root(overrides=settings))
    found = [fault for path in paths for fault in faults(Path(path), linter)]
    print("\n".join([*found, f"{len(paths)} files, {len(found)} faults"]))
    return 1 if found or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
