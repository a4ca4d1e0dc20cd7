"""Check the seed files before anything is built; messages name file, row, column, rule and what is allowed."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from smv_ai.errors import BadInputError
from smv_ai.seeds import characters
from smv_ai.seeds.lock import LOCK_NAME, Difference, Lock, Row, differences, read_lock
from smv_ai.seeds.row_rules import NUMBER, WHOLE, Tables
from smv_ai.seeds.rules import Bound, LineList, SeedRules, read_rules
from smv_ai.suggest import allowed_in_words

INTEGER = WHOLE
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# what DuckDB's INTEGER holds
LOWEST_INTEGER, HIGHEST_INTEGER = -(2**31), 2**31 - 1
MOST_SHOWN = 20
FIGURES, FIGURES_FOLDER = "stg_published__figures", "published"  # the model that unites the figures of all reports
WAY_OUT = (
    "Put back what was accepted. Where the change is meant, and has been compared with its source, accept it: "
    "smv-ai accept"
)


@dataclass(frozen=True)
class Problem:
    """One broken rule. Row 1 is the first row of data; the line counts the header as 1."""

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        where = self.file
        if self.row is not None:
            where += f", row {self.row} (line {self.row + 1})"
        if self.column is not None:
            where += f", column {self.column}"
        return f"{where}: {self.message}"


class Seed(NamedTuple):
    """A seed with its rules and rows; `file` is its path as messages show it."""

    rules: SeedRules
    file: str
    rows: list[Row]


def _text_of(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        return None, [Problem(name, None, None, f"cannot be read ({error.strerror}); put the file back")]
    if content.startswith(b"\xef\xbb\xbf"):
        return None, [Problem(name, None, None, "begins with a byte order mark; save it as UTF-8 without BOM")]
    if b"\x00" in content.split(b"\n", 1)[0]:  # UTF-16; in a cell below, it is named with row and column
        return None, [Problem(name, None, None, "holds a NUL byte; save it as UTF-8 text")]
    try:
        # Halves of surrogate pairs pass here, so that they can be named with row and column, too.
        return content.decode("utf-8", errors="surrogatepass"), []
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n")
        return None, [Problem(name, row, None, f"byte {error.start} is not UTF-8; save the file as UTF-8")]


def _rows_of(rules: SeedRules, name: str) -> tuple[list[Row], list[Problem]]:
    text, problems = _text_of(rules.path, name)
    if text is None:
        return [], problems
    columns = list(rules.types)
    try:
        header, *records = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
    except csv.Error as error:
        return [], [Problem(name, None, None, f"is not a well-formed CSV file ({error}); check the quotes")]
    if header != columns:
        shown = characters.shown(",".join(header))
        return [], [Problem(name, None, None, f"the header is {shown}; expected: {','.join(columns)}")]
    if not records and not rules.may_be_empty:
        return [], [Problem(name, None, None, "has no rows; put the rows back or remove the seed")]
    rows = []
    for number, record in enumerate(records, start=1):
        if len(record) != len(columns):
            message = f"has {len(record)} cells, expected {len(columns)}; check commas and quotes"
            problems.append(Problem(name, number, None, message))
        rows.append(dict(zip(columns, record, strict=False)))
        problems += _unfit(rules, name, number, rows[-1])
    return ([], problems) if problems else (rows, [])


def _unfit(rules: SeedRules, name: str, number: int, row: Row) -> Iterator[Problem]:
    """The cells of a row that hold characters which no text may hold, or no key."""
    for column, value in row.items():
        if not value.isascii() or not value.isprintable():
            message = characters.finding(value, is_key=column in rules.key_columns())
            if message is not None:
                yield Problem(name, number, column, message)


def _type_problem(value: str, kind: str) -> str | None:
    if kind == "double" and not NUMBER.fullmatch(value):
        hint = (
            "write the decimal with a point"
            if NUMBER.fullmatch(value.replace(",", ".", 1))
            else "allowed: a number such as 12.1"
        )
        return f"'{value}' is not a number; {hint}"
    if kind == "double" and not math.isfinite(float(value)):
        return f"'{value[:20]}…' is larger than a number can be; check it"
    if kind == "integer" and not INTEGER.fullmatch(value):
        return f"'{value}' is not a whole number; allowed: digits only"
    if kind == "integer" and not LOWEST_INTEGER <= float(value) <= HIGHEST_INTEGER:
        return f"'{value[:20]}' is out of range; allowed: whole numbers from {LOWEST_INTEGER} to {HIGHEST_INTEGER}"
    if kind == "boolean" and value not in ("true", "false"):
        return f"'{value}' is neither true nor false; allowed: true, false"
    if kind == "date":
        try:
            date.fromisoformat(value if DATE.fullmatch(value) else "")
        except ValueError:
            return f"'{value}' is not a date; allowed: YYYY-MM-DD"
    if value != value.strip():
        return f"'{value}' begins or ends with white space; remove it"
    return None


class Checker:
    """Holds all rows of all seeds, so that a rule of one can look into another."""

    def __init__(self, seeds_dir: Path) -> None:
        self.seeds_dir = seeds_dir
        self.rules = read_rules(seeds_dir)
        self.rows: dict[str, list[Row]] = {}
        self.problems: list[Problem] = []
        self.found: set[tuple[str, int | None, str]] = set()
        known = {rules.path for rules in self.rules}
        for path in sorted(seeds_dir.glob("*/*.csv")):
            if path not in known:
                self._add(
                    self.name_of(path), None, None, "has no entry in the property file of its folder; describe it there"
                )
        for rules in self.rules:
            self.rows[rules.name], problems = _rows_of(rules, self.name_of(rules.path))
            self.problems += problems
        self.is_readable = not self.problems

    def name_of(self, path: Path) -> str:
        """The path of a file below the seeds, as messages show it."""
        return f"{self.seeds_dir.name}/{path.relative_to(self.seeds_dir)}"

    def _add(self, file: str, row: int | None, column: str | None, message: str) -> None:
        """Note a problem, unless the cell has one already: the first rule that it breaks is the most basic."""
        cells = {(file, row, name) for name in (column or "").split(", ")}
        if row is None or not cells & self.found:
            self.problems.append(Problem(file, row, column, message))
            self.found |= cells

    def _codes(self, table: str, column: str) -> list[str]:
        return list(dict.fromkeys(row[column] for row in self.rows[table]))

    def _codelist(self, codelist: str) -> list[str]:
        return [row["code_id"] for row in self.rows["codes"] if row["codelist_id"] == codelist]

    def _cells(self, rules: SeedRules, column: str) -> Iterator[tuple[int, str]]:
        return ((number, row[column]) for number, row in enumerate(self.rows[rules.name], start=1) if row[column] != "")

    def _check_cells(self, rules: SeedRules) -> None:
        name = self.name_of(rules.path)
        for number, row in enumerate(self.rows[rules.name], start=1):
            for column, kind in rules.types.items():
                if row[column] == "":
                    if column in rules.required:
                        self._add(name, number, column, "is empty; a value is required")
                elif (message := _type_problem(row[column], kind)) is not None:
                    self._add(name, number, column, message)

    def _check_codes(self, rules: SeedRules) -> None:
        allowed_of = {column: self._codes(table, field) for column, (table, field) in rules.references.items()}
        allowed_of |= {column: self._codelist(codelist) for column, codelist in rules.codelists.items()}
        allowed_of |= rules.values
        for column, allowed in allowed_of.items():
            known = set(allowed)
            for number, value in self._cells(rules, column):
                if value not in known:
                    self._add(
                        self.name_of(rules.path),
                        number,
                        column,
                        f"'{value}' is not a known code; {allowed_in_words(value, allowed)}",
                    )

    def _check_keys(self, rules: SeedRules) -> None:
        for key in rules.keys:
            first: dict[tuple[str, ...], int] = {}
            for number, row in enumerate(self.rows[rules.name], start=1):
                value = tuple(row[column] for column in key)
                if value in first:
                    message = f"'{'|'.join(value)}' stands already in row {first[value]}; the key must be unique"
                    self._add(self.name_of(rules.path), number, ", ".join(key), message)
                first.setdefault(value, number)

    def _check_combinations(self, rules: SeedRules) -> None:
        for columns, table in rules.combinations:
            known = {tuple(row[column] for column in columns) for row in self.rows[table]}
            for number, row in enumerate(self.rows[rules.name], start=1):
                value = tuple(row[column] for column in columns)
                if value not in known:
                    message = f"'{'|'.join(value)}' has no row in {table}; add one there or correct the row"
                    self._add(self.name_of(rules.path), number, ", ".join(columns), message)

    def _check_bound(self, rules: SeedRules, bound: Bound) -> None:
        limits = {row[bound.key]: row for row in self.rows[bound.to]}
        for number, row in enumerate(self.rows[rules.name], start=1):
            value, limit = row[bound.column], limits.get(row[bound.key])
            if limit is None or not NUMBER.fullmatch(value):
                continue  # reported as an unknown code or a wrong type
            low, high = (limit[end] if isinstance(end, str) else end for end in (bound.minimum, bound.maximum))
            if not all(NUMBER.fullmatch(str(end)) for end in (low, high)):
                continue  # the limit itself is reported as a wrong type
            if not float(low) <= float(value) <= float(high):
                message = f"{value} is outside the range of {row[bound.key]}; allowed: {low} to {high}"
                self._add(self.name_of(rules.path), number, bound.column, message)

    def _check_line_list(self, rules: SeedRules, rule: LineList) -> None:
        counts = {row[rule.key]: row[rule.maximum] for row in self.rows[rule.to]}
        for number, row in enumerate(self.rows[rules.name], start=1):
            last = counts.get(row[rule.key])
            if row[rule.key] == "" and row[rule.column] != "":
                message = f"names lines of a text, but {rule.key} is empty; name the text or remove the lines"
                self._add(self.name_of(rules.path), number, rule.column, message)
            if last is None or not INTEGER.fullmatch(last) or row[rule.column] == "":
                continue  # reported as an unknown code or a wrong type; an empty list names no line
            for line in row[rule.column].split(","):
                if not INTEGER.fullmatch(line) or not 1 <= float(line) <= float(last):
                    message = f"'{line}' is not a line of the text; allowed: 1 to {last}, separated by commas"
                    self._add(self.name_of(rules.path), number, rule.column, message)

    def tables(self) -> Tables:
        """All that rules of rows look into."""
        figures = [rules.name for rules in self.rules if rules.path.parent.name == FIGURES_FOLDER]
        self.rows[FIGURES] = [row for name in figures for row in self.rows[name]]
        return self.rows

    def _check_rows(self, rules: SeedRules, tables: Tables) -> None:
        """A rule that leans on other cells of the row comes after those, and is silent where one of them is wrong."""
        file = self.name_of(rules.path)
        for rule in sorted(rules.row_rules, key=lambda rule: bool(getattr(rule, "leans_on", None))):
            for fault in rule.faults(self.rows[rules.name], tables):
                if not any((file, fault.row, column) in self.found for column in getattr(rule, "leans_on", ())):
                    self._add(file, fault.row, fault.column, fault.message)

    def seeds(self) -> list[Seed]:
        """The seeds with their rows, where all could be read."""
        return [Seed(rules, self.name_of(rules.path), self.rows[rules.name]) for rules in self.rules]

    def check_seed(self, rules: SeedRules, tables: Tables) -> None:
        """Note what breaks the rules of one seed, the most basic rules first."""
        self._check_cells(rules)
        self._check_codes(rules)
        self._check_keys(rules)
        self._check_combinations(rules)
        for bound in rules.bounds:
            self._check_bound(rules, bound)
        for rule in rules.line_lists:
            self._check_line_list(rules, rule)
        self._check_rows(rules, tables)

    def run(self) -> list[Problem]:
        """All broken rules; a file that cannot be read makes those that look into it fail: then the cause only."""
        if not self.is_readable:
            return self.problems
        tables = self.tables()
        for rules in self.rules:
            self.check_seed(rules, tables)
        return self.problems


def _refuse(problems: list[Problem], way_out: str = "") -> None:
    """Raise BadInputError with one message that lists the problems; return silently where there are none."""
    if not problems:
        return
    lines = [str(problem) for problem in problems[:MOST_SHOWN]]
    if len(problems) > MOST_SHOWN:
        lines.append(f"... and {len(problems) - MOST_SHOWN} more")
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    message = "\n".join([f"{count} in the seeds; nothing was built and nothing was released.", *lines])
    raise BadInputError(f"{message}\n{way_out}" if way_out else message)


def read_seeds(seeds_dir: Path) -> list[Seed]:
    """All seeds with their rows; raises BadInputError with one message that lists what breaks a rule."""
    checker = Checker(seeds_dir)
    _refuse(checker.run())
    return checker.seeds()


def _not_accepted(file: str, found: Difference) -> Problem:
    if found.kind == "removed":
        return Problem(file, found.row, None, f"the accepted row {found.key} is gone from here")
    now = ", ".join(f"'{value}'" for value in found.cells.values())
    message = f"changed since {found.key} was accepted" + (f"; now {now}" if now else "")
    return Problem(file, found.row, ", ".join(found.cells) or None, message)


def _compare(seeds: list[Seed], lock: Lock, lock_file: str) -> tuple[list[Problem], int]:
    """What is not as it was accepted, and the number of rows that never were."""
    names = {seed.rules.name for seed in seeds}
    problems = [
        Problem(lock_file, None, None, f"has rows of {name}, which is no seed any more")
        for name in lock
        if name not in names
    ]
    new = 0
    for rules, file, rows in seeds:
        for difference in differences(rules.keys[0], rows, lock.get(rules.name, {})):
            if difference.kind == "new":
                new += 1
            else:
                problems.append(_not_accepted(file, difference))
    return problems, new


def check_seeds(seeds_dir: Path) -> int:
    """Raise BadInputError where a rule is broken or an accepted row is not as it was; return the rows yet to accept.

    A code that changed breaks the rules of other seeds, too: rows that changed are named first, each once.
    """
    checker = Checker(seeds_dir)
    broken = checker.run()
    if not checker.is_readable:
        _refuse(broken)
    changed, new = _compare(checker.seeds(), read_lock(seeds_dir), f"{seeds_dir.name}/{LOCK_NAME}")
    places = {(problem.file, problem.row) for problem in changed}
    named = {(problem.file, problem.row) for problem in broken}
    causes = [problem for problem in broken if (problem.file, problem.row) in places]
    causes += [problem for problem in changed if (problem.file, problem.row) not in named]
    _refuse(causes + [problem for problem in broken if problem not in causes], WAY_OUT if changed else "")
    return new


def verdict(new: int) -> str:
    """The good end of a check in words."""
    return "seeds: every rule met" + (f"; {new} new rows are not accepted yet" if new else "")
