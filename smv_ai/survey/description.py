"""What the scan must know of a survey wave: its items, derived columns, routing, and the columns that make a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["code", "number"]
EvidenceType = Literal["estimated", "synthetic"]


@dataclass(frozen=True)
class Item:
    """A question, or one option of a question where several may be ticked.

    `codes` are the answer options of a coded item. `asked_if_column` says who is asked: those who have one of
    `asked_if_values`; None where everybody is.
    """

    item_id: str
    column: str
    kind: Kind
    codes: tuple[int, ...] = ()
    asked_if_column: str | None = None
    asked_if_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """Holds where at least so many of the columns have one of the values."""

    at_least: int
    columns: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """The value of a derived column where all conditions hold (always, where there are none)."""

    order: int
    value: str
    conditions: tuple[Condition, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that the rule looks at."""
        return tuple(column for condition in self.conditions for column in condition.columns)


@dataclass(frozen=True)
class DerivedColumn:
    """A column worked out from others: the first rule that holds gives the value."""

    column: str
    rules: tuple[Rule, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that the rules look at."""
        return tuple(column for rule in self.rules for column in rule.reads)


@dataclass(frozen=True)
class Ratio:
    """Two numbers whose ratio is estimated, as item ids."""

    numerator: str
    denominator: str


@dataclass(frozen=True)
class Reserved:
    """The codes and numbers that stand for no answer, by reason; every number up to `highest` is reserved."""

    codes: dict[str, int]
    numbers: dict[str, int]
    highest: int

    def of(self, kind: Kind) -> dict[str, int]:
        """Those of an item of this kind, by reason (not_asked, no_answer, dont_know)."""
        return self.codes if kind == "code" else self.numbers


@dataclass(frozen=True)
class Trim:
    """Limits of the design weights; what is cut off is divided over the others, again and again where it is strict."""

    lower: float | None
    upper: float | None
    is_strict: bool


@dataclass(frozen=True)
class Wave:
    """A survey wave that has response files.

    `attributes` are the columns that estimates are broken down, calibrated, restricted or compared by, or whose
    replicate weights they need; `amounts` the items to which the dominance rule applies. `by_respondent`: every
    respondent is a cell, as weights are calibrated to totals of numbers or errors come from replicate weights. `trims`
    are the limits of the weights. `by_unit` says which cells are wanted: those that tell sampling units
    apart (True), those that do not (False), or both. `problems` are faults of the description itself.
    """

    survey_id: str
    survey_wave_id: str
    evidence_type: EvidenceType
    files: str
    items: tuple[Item, ...] = ()
    derived: tuple[DerivedColumn, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    amounts: frozenset[str] = frozenset()
    attributes: tuple[str, ...] = ()
    by_unit: tuple[bool, ...] = (False,)
    has_design: bool = True
    by_respondent: bool = False
    trims: tuple[Trim, ...] = ()
    problems: tuple[Problem, ...] = ()

    def item(self, item_id: str) -> Item:
        """The item of this id."""
        return next(item for item in self.items if item.item_id == item_id)

    def keys(self, *, by_unit: bool) -> tuple[str, ...]:
        """The columns that make a cell, beside the design weight."""
        unit = ("psu_id",) if by_unit else ()
        one = ("respondent_id",) if self.by_respondent else ()
        return ("stratum_id", *unit, *one, "stratum_population_size", *self.attributes)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a wave: the rule that is broken and a finding in words.

    `condition` and what it is about (`subject`, a column or an item; `category`) find the respondents: see
    conditions.py. None where no respondent is to blame.
    """

    rule: str
    finding: str
    condition: str | None = None
    subject: str | None = None
    category: str | None = None
