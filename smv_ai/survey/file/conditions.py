"""Conditions on answers, as a survey file writes them: `uses_ai = 1 and size in (2, 3)`, `at least 2 of q4_* = 1`.

    rule       = "else" | holds { "or" holds }
    holds      = condition { "and" condition }
    condition  = [ "any of" | "all of" | "at least" number "of" ] columns ( "=" | "in" ) values
    columns    = column { "," column }          a column may end in *: all columns that begin so
    values     = value | "(" value { "," value } ")"

Who writes YAML in one line may write a mapping instead: `{uses_ai: 1, size: [2, 3]}`; all of its columns must hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

NAME = r"[\w{}*]+"
CONDITION = re.compile(
    rf"(?:(?P<quantity>any|all|at\s+least\s+(?P<number>[0-9]+))\s+of\s+)?"
    rf"(?P<columns>{NAME}(?:\s*,\s*{NAME})*)\s*(?:=\s*(?P<value>[^\s()=,]+)|in\s*\((?P<values>[^()=]+)\))",
)
ELSE = "else"
HOW = "write 'column = value', 'column in (1, 2)' or 'at least 2 of a, b = 1', joined by 'and' and 'or'"


@dataclass(frozen=True)
class Condition:
    """Holds where at least `at_least` of the columns (all of them: None) have one of the values."""

    columns: tuple[str, ...]
    values: tuple[str, ...]
    at_least: int | None = 1

    @property
    def is_plain(self) -> bool:
        """Whether it looks at one column."""
        return len(self.columns) == 1

    def needed(self) -> int:
        """How many of the columns must have one of the values."""
        return len(self.columns) if self.at_least is None else self.at_least


# All conditions of an alternative must hold, and one of the alternatives; no condition holds always.
Alternative = tuple[Condition, ...]


@dataclass(frozen=True)
class Rule:
    """A condition as the file writes it, read: alternatives of conditions that must all hold."""

    text: str
    alternatives: tuple[Alternative, ...]

    @property
    def columns(self) -> list[str]:
        """The columns that it looks at, each once."""
        return list(dict.fromkeys(name for found in self.conditions for name in found.columns))

    @property
    def conditions(self) -> list[Condition]:
        """Its conditions in their order."""
        return [condition for alternative in self.alternatives for condition in alternative]

    @property
    def plain(self) -> Alternative | None:
        """Its conditions where each looks at one column and all must hold; None where it says more."""
        if len(self.alternatives) == 1 and all(condition.is_plain for condition in self.alternatives[0]):
            return self.alternatives[0]
        return None

    def about(self, member: str) -> Rule:
        """The rule of one item of a battery: `{item}` stands for it."""
        return self._with(lambda name: [name.replace("{item}", member)])

    def among(self, known: Iterable[str]) -> Rule:
        """The rule with the columns that begin with what stands before a star; a star that finds none stays."""
        names = list(known)

        def found(name: str) -> list[str]:
            return [other for other in names if other.startswith(name[:-1])] or [name]

        return self._with(lambda name: found(name) if name.endswith("*") else [name])

    def _with(self, renamed: Any) -> Rule:
        return replace(
            self,
            alternatives=tuple(
                tuple(
                    replace(one, columns=tuple(name for column in one.columns for name in renamed(column)))
                    for one in alternative
                )
                for alternative in self.alternatives
            ),
        )


def _values(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("'\"") for part in re.split("[,;]", text) if part.strip())


def _condition(text: str) -> Condition:
    found = CONDITION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text.strip()}' is no condition; {HOW}")
    columns = tuple(re.split(r"\s*,\s*", found["columns"]))
    values = _values(found["value"] or found["values"])
    if not values:
        raise ValueError(f"'{text.strip()}' names no value; {HOW}")
    if found["quantity"] is None:
        if len(columns) > 1 or columns[0].endswith("*"):
            raise ValueError(
                f"'{text.strip()}' names several columns; begin with 'any of', 'all of' or 'at least 2 of'"
            )
        return Condition(columns, values)
    at_least = {"any": 1, "all": None}.get(found["quantity"], int(found["number"] or 0))
    if at_least == 0 or (at_least or 0) > len(columns) and not any(name.endswith("*") for name in columns):
        raise ValueError(f"'{text.strip()}' asks for {at_least} of {len(columns)} columns; from 1 to {len(columns)}")
    return Condition(columns, values, at_least)


def rule_from(given: Any) -> Rule:
    """The rule in a text or a mapping. Raises ValueError that says what is wrong and how it is written."""
    if isinstance(given, dict):
        conditions = []
        for column, values in given.items():
            listed = values if isinstance(values, list) else [values]
            if not listed or any(not isinstance(value, str) for value in listed):
                raise ValueError(f"'{column}' needs a value, or a list of values")
            conditions.append(Condition((str(column),), tuple(listed)))
        text = " and ".join(f"{one.columns[0]} in ({', '.join(one.values)})" for one in conditions)
        return Rule(text, (tuple(conditions),))
    if not isinstance(given, str) or not given.strip():
        raise ValueError(f"is empty; {HOW}")
    if given.strip() == ELSE:
        return Rule(ELSE, ((),))
    alternatives = [
        tuple(_condition(part) for part in re.split(r"\s+and\s+", text)) for text in re.split(r"\s+or\s+", given)
    ]
    return Rule(given.strip(), tuple(alternatives))
