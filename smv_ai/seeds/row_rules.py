"""The rules of rows that look into other rows or beyond the cell: one class a data test, named and argued as in dbt.

Each is built from the arguments that stand in the property file and finds the cells of a seed that break it. The dbt
tests of the same name (tests/dbt/generic) say the same in SQL.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from smv_ai.suggest import allowed_in_words, is_near_miss

Row = dict[str, str]
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
WHOLE = re.compile(r"-?[0-9]+")


class Fault(NamedTuple):
    """A cell that breaks a rule; row 1 is the first row of data."""

    row: int
    column: str
    message: str


# All rows by seed: what a rule may look into.
Tables = dict[str, list[Row]]


def parts_of(cell: str, separator: str | None) -> list[str]:
    """The values in a cell; an empty cell has none."""
    return (cell.split(separator) if separator else [cell]) if cell else []


@dataclass(frozen=True)
class Target:
    """A column of another seed that holds what may be named.

    `within`: columns that both rows must share; `where`: cells that the other row must have, `only_if`: that the own
    row must have for the target to count; `split`: the separator of a target column that holds lists.
    """

    to: str
    field: str
    within: tuple[str, ...] = ()
    where: dict[str, str] = field(default_factory=dict)
    only_if: dict[str, str] = field(default_factory=dict)
    split: str | None = None

    def counts_for(self, row: Row) -> bool:
        """Whether the row is one that may name something here."""
        return all(row[column] == value for column, value in self.only_if.items())

    def values(self, tables: Tables) -> dict[tuple[str, ...], list[str]]:
        """What may be named, by the cells of `within`."""
        found: dict[tuple[str, ...], list[str]] = {}
        for row in tables[self.to]:
            if all(row[column] == value for column, value in self.where.items()):
                known = found.setdefault(tuple(row[column] for column in self.within), [])
                known += parts_of(row[self.field], self.split)
        return found


@dataclass(frozen=True)
class RefersTo:
    """A name, or a list of names, that another seed must have."""

    column: str
    any_of: tuple[Target, ...]
    separator: str | None = None

    @property
    def leans_on(self) -> set[str]:
        """The columns of the row that the verdict rests on, beside its own."""
        return {column for target in self.any_of for column in (*target.within, *target.only_if)}

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Names that no target has."""
        values = [target.values(tables) for target in self.any_of]
        for number, row in enumerate(rows, start=1):
            parts = parts_of(row[self.column], self.separator)
            targets = [pair for pair in zip(self.any_of, values, strict=True) if pair[0].counts_for(row)]
            if not parts or not targets:
                continue
            known = [
                name for target, found in targets for name in found.get(tuple(row[key] for key in target.within), [])
            ]
            names = set(known)
            for part in parts:
                if part not in names:
                    yield Fault(number, self.column, self._message(part, row, known))

    def _message(self, part: str, row: Row, known: list[str]) -> str:
        places = ", ".join(dict.fromkeys(target.to.removeprefix("stg_") for target in self.any_of))
        within = ", ".join(dict.fromkeys(f"{key} {row[key]}" for target in self.any_of for key in target.within))
        return f"'{part}' is not in {places}{f' for {within}' if within else ''}; {allowed_in_words(part, known)}"


@dataclass(frozen=True)
class InRange:
    """A number between limits: from `minimum` to `maximum`, or strictly `above` and `below`; `whole`: digits only."""

    column: str
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    whole: bool = False

    def in_words(self) -> str:
        """The allowed numbers."""
        limits = [
            f"{word} {limit}"
            for word, limit in (
                ("from", self.minimum), ("to", self.maximum), ("above", self.above), ("below", self.below),
            )
            if limit is not None
        ]  # fmt: skip
        return f"allowed: {'whole numbers, digits only' if self.whole else 'numbers'} {' and '.join(limits)}"

    def allows(self, number: float) -> bool:
        """Whether the number lies between the limits."""
        return (
            (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Numbers beyond the limits; what is no number at all is found by its type."""
        for number, row in enumerate(rows, start=1):
            value = row[self.column]
            if NUMBER.fullmatch(value) and not (
                self.allows(float(value)) and (not self.whole or WHOLE.fullmatch(value))
            ):
                yield Fault(number, self.column, f"{value} is out of range; {self.in_words()}")


@dataclass(frozen=True)
class Matches:
    """A text of a fixed form."""

    column: str
    pattern: str
    example: str

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Texts of another form."""
        form = re.compile(self.pattern)
        for number, row in enumerate(rows, start=1):
            if row[self.column] and not form.fullmatch(row[self.column]):
                yield Fault(
                    number, self.column, f"'{row[self.column]}' has not the right form; allowed: {self.example}"
                )


@dataclass(frozen=True)
class NoNearMiss:
    """A name that no other seed lists but that rows share: one that looks like another one misspelt is refused."""

    column: str

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Names that are rarer than one that they resemble."""
        counts = Counter(row[self.column] for row in rows if row[self.column])
        near = {
            value: [other for other in counts if counts[other] > counts[value] and is_near_miss(value, other)]
            for value in counts
        }
        for number, row in enumerate(rows, start=1):
            value = row[self.column]
            if near.get(value):
                other = max(near[value], key=lambda name: counts[name])
                message = (
                    f"'{value}' looks like '{other}' of {counts[other]} other rows; did you mean '{other}'? "
                    "If not, choose a name that cannot be taken for it"
                )
                yield Fault(number, self.column, message)


@dataclass(frozen=True)
class Joins:
    """A name put together from columns of a row: of its own or of the row whose group it joins."""

    column: str
    columns: tuple[str, ...]
    by: str

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Names that are those of no row."""
        known = dict.fromkeys(self.by.join(row[column] for column in self.columns) for row in rows)
        for number, row in enumerate(rows, start=1):
            if row[self.column] not in known:
                made = f"is not {f' {self.by} '.join(self.columns)} of any row"
                yield Fault(
                    number, self.column, f"'{row[self.column]}' {made}; {allowed_in_words(row[self.column], known)}"
                )


@dataclass(frozen=True)
class OneFilled:
    """Columns of which a row fills exactly one."""

    columns: tuple[str, ...]

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Rows that fill none or several."""
        for number, row in enumerate(rows, start=1):
            filled = [column for column in self.columns if row[column]]
            if len(filled) != 1:
                message = f"{', '.join(filled) or 'none'} of them filled; fill exactly one"
                yield Fault(number, ", ".join(self.columns), message)


@dataclass(frozen=True)
class FilledWhere:
    """Columns that must be filled where another one is, or has one of some values; `at_least_one`: not all of them."""

    columns: tuple[str, ...]
    given: str | None = None
    values: tuple[str, ...] = ()
    at_least_one: bool = False

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Empty cells that must not be."""
        for number, row in enumerate(rows, start=1):
            value = row[self.given] if self.given else "any"
            empty = [column for column in self.columns if not row[column]]
            if not value or (self.values and value not in self.values):
                continue
            if empty and (not self.at_least_one or len(empty) == len(self.columns)):
                cause = f" where {self.given} is {value}" if self.given else ""
                yield Fault(number, ", ".join(empty), f"is empty; a value is required{cause}")


@dataclass(frozen=True)
class Rising:
    """Columns whose values must not fall from one to the next, as far as they are filled: numbers or dates."""

    columns: tuple[str, ...]

    def faults(self, rows: list[Row], tables: Tables) -> Iterator[Fault]:
        """Values that are lower than one before them."""
        for number, row in enumerate(rows, start=1):
            filled = [column for column in self.columns if row[column]]
            for lower, upper in zip(filled, filled[1:], strict=False):
                one, other = row[lower], row[upper]
                numbers = NUMBER.fullmatch(one) and NUMBER.fullmatch(other)
                if float(one) > float(other) if numbers else one > other:
                    yield Fault(number, upper, f"{other} is below {lower}, which is {one}; {upper} cannot be smaller")


RowRule = (
    RefersTo | InRange | Matches | NoNearMiss | Joins | OneFilled | FilledWhere | Rising
)  # fmt: skip
RULES: dict[str, type[RowRule]] = {
    "refers_to": RefersTo,
    "in_range": InRange,
    "matches": Matches,
    "no_near_miss": NoNearMiss,
    "joins": Joins,
    "one_filled": OneFilled,
    "filled_where": FilledWhere,
    "rising": Rising,
}


def rule_from(name: str, arguments: dict[str, Any], column: str | None = None) -> RowRule:
    """The rule that a data test of the property file stands for; `column`: the one that it is written under."""
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()
    }
    if column is not None:
        given["column"] = column
    return RULES[name](**given)
