"""The columns of a wave: those of its files and those derived from them, with types; and what does not fit together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from smv_ai.survey.description import DerivedColumn, Item, Kind, Problem, Reserved, Wave
from smv_ai.survey.file.columns import NUMBER
from smv_ai.survey.head import NESTED_TYPES, NUMBER_TYPES, WHOLE_TYPES, Head

DERIVED_TYPES: dict[Kind | None, str] = {"code": "INTEGER", "number": "DOUBLE", None: "VARCHAR"}
LOOKED_AT_TYPES = (*WHOLE_TYPES, "VARCHAR", "BOOLEAN")
# What a message says of a column that cannot be converted without loss.
CASTS = {"whole-number codes": "integer", "numbers": "double"}


@dataclass(frozen=True)
class Columns:
    """Types of all columns by name, as the scan reads them (see `read_type`), and the derived ones in levels.

    A level looks only at columns of the file and of the levels before it. `lost` are those that look at what does not
    exist, or at each other; their types are there, so that what uses them is not blamed.
    """

    types: dict[str, str]
    levels: tuple[tuple[DerivedColumn, ...], ...] = ()
    lost: tuple[DerivedColumn, ...] = ()
    kinds: dict[str, Kind] = field(default_factory=dict)


def columns_of(wave: Wave, head: Head) -> Columns:
    """The columns of the wave's files and its derived ones."""
    kinds = {item.column: item.kind for item in wave.items}
    types = {name: read_type(kind, kinds.get(name)) for name, kind in head.types.items()}
    left, levels = list(wave.derived), []
    while level := [column for column in left if all(name in types for name in column.reads)]:
        levels.append(tuple(level))
        types |= {column.column: DERIVED_TYPES[kinds.get(column.column)] for column in level}
        left = [column for column in left if column not in level]
    types |= {column.column: DERIVED_TYPES[kinds.get(column.column)] for column in left}
    return Columns(types, tuple(levels), tuple(left), kinds)


def read_type(file_type: str, kind: Kind | None) -> str:
    """The type that a column of the file is read as: decimals as doubles, ticks of an item as 1 and 0, else its own.

    The double next to a decimal of at most 15 digits is that decimal.
    """
    if file_type.startswith("DECIMAL"):
        return "DOUBLE"
    if file_type.startswith("ENUM"):
        return "VARCHAR"
    return "INTEGER" if file_type == "BOOLEAN" and kind == "code" else file_type


def problems_of(wave: Wave, head: Head, columns: Columns, reserved: Reserved) -> list[Problem]:
    """What is wrong between the description and the files, before a row is read."""
    return [
        *wave.problems,
        *_derived_problems(wave, head, columns, reserved),
        *_missing_columns(wave, columns),
        *_item_problems(wave, columns),
        *_routing_problems(wave, head, columns),
    ]


def _derived_problems(wave: Wave, head: Head, columns: Columns, reserved: Reserved) -> Iterator[Problem]:
    for derived in wave.derived:
        name = f"derived column {derived.column}"
        if derived.column in head.types:
            text = f"{name} is a column of the response file as well; one of them needs another name"
            yield Problem("derived_is_new", text)
    for derived in (column for level in columns.levels for column in level):
        yield from _value_problems(wave, derived, columns, reserved)
        for condition in (condition for rule in derived.rules for condition in rule.conditions):
            for column in condition.columns:
                yield from _comparison_problems(f"derived column {derived.column}", column, condition.values, columns)
    found = set(columns.types) - {derived.column for derived in columns.lost}
    for derived in columns.lost:
        missing = ", ".join(dict.fromkeys(name for name in derived.reads if name not in found))
        yield Problem(
            "derived_has_columns",
            f"derived column {derived.column} looks at {missing}, "
            "which neither the response file nor a derived column before it has",
        )


def _value_problems(wave: Wave, derived: DerivedColumn, columns: Columns, reserved: Reserved) -> Iterator[Problem]:
    """Values that the derived column cannot have."""
    kind = columns.kinds.get(derived.column)
    if kind is None:
        return
    codes = {code for item in wave.items if item.column == derived.column for code in item.codes}
    known = {str(code) for code in codes | set(reserved.codes.values())}
    for value in dict.fromkeys(rule.value for rule in derived.rules):
        text = f"derived column {derived.column} gives {value}, which is "
        if kind == "code" and value not in known:
            text += "neither an option of the survey file nor a reserved code"
            yield Problem("derived_in_catalogue", text)
        elif kind == "number" and not _is_number(value):
            yield Problem("derived_in_catalogue", text + "not a number")


def _is_number(text: str) -> bool:
    """True for a number in digits, as `smv-ai check` has it."""
    return NUMBER.fullmatch(text) is not None


def is_whole(text: str) -> bool:
    """True for a whole number as SQL and Python write it."""
    return text.lstrip("-").isascii() and text.lstrip("-").isdigit() and str(int(text)) == text


def _comparison_problems(what: str, column: str, values: Iterable[str], columns: Columns) -> Iterator[Problem]:
    """Where `what` compares a column with values that its type cannot have."""
    kind = columns.types[column]
    if kind in WHOLE_TYPES:
        for value in values:
            if value and not is_whole(value):
                text = f"{what} looks for '{value}' in column {column}, which holds whole numbers"
                yield Problem("condition_has_type", text)
    elif kind in NUMBER_TYPES and column in columns.kinds and all(map(is_whole, filter(None, values))):
        return  # codes that are written as doubles
    elif kind not in LOOKED_AT_TYPES:
        text = f"{what} looks at column {column} of type {kind}; whole numbers, text and true or false can be looked at"
        yield Problem("condition_has_type", text)


def _missing_columns(wave: Wave, columns: Columns) -> Iterator[Problem]:
    types = columns.types
    for column in ("respondent_id", *wave.keys(by_unit=True in wave.by_unit)):
        if column not in types:
            yield Problem("column_present", f"the response file has no column {column}, which the catalogue uses")
        elif NESTED_TYPES.search(types[column]):
            text = f"column {column} must hold text or numbers, it is {types[column]}; write it as text"
            yield Problem("column_has_type", f"{text}, cast({column} as varchar)")
    for column in ("design_weight", "stratum_population_size"):
        if column not in types:
            yield Problem("column_has_type", f"column {column} must be a number, it is missing")
        elif types[column] not in NUMBER_TYPES:
            yield _type_problem(column, "numbers", types[column])
    if not wave.items and not wave.has_design:
        yield Problem(
            "wave_in_catalogue",
            "there is a response file, but no survey file describes the wave",
        )


def _type_problem(column: str, wanted: str, kind: str) -> Problem:
    text = f"column {column} must hold {wanted}, it is {kind}"
    return Problem("column_has_type", f"{text}; write it as a number, cast({column} as {CASTS[wanted]})")


def _item_problems(wave: Wave, columns: Columns) -> Iterator[Problem]:
    for item in wave.items:
        kind = columns.types.get(item.column)
        if kind is None:
            text = f"the response file has no column {item.column} for item {item.item_id}"
            yield Problem("column_present", text)
        elif kind not in NUMBER_TYPES:
            # codes may be written as doubles (SPSS, pandas): those that are not whole are no option
            yield _type_problem(item.column, "whole-number codes" if item.kind == "code" else "numbers", kind)
        elif item.kind == "code" and not item.codes:
            yield Problem("item_has_options", f"item {item.item_id} has no answer option in the survey file")


def _routing_problems(wave: Wave, head: Head, columns: Columns) -> Iterator[Problem]:
    for item in routed_items(wave, head):
        column = item.asked_if_column
        if column and column not in columns.types:
            yield Problem(
                "routing_has_column",
                f"item {item.item_id} is asked by column {column}, which is neither in the response file nor derived",
            )
        elif column:
            what = f"the routing of item {item.item_id}"
            yield from _comparison_problems(what, column, item.asked_if_values, columns)


def routed_items(wave: Wave, head: Head) -> list[Item]:
    """The items whose routing is checked.

    In a wave with any routing an item without a rule is asked of everybody; a derived column says by its own rules who
    was not asked.
    """
    if not any(item.asked_if_column for item in wave.items):
        return []
    return [item for item in wave.items if item.asked_if_column or item.column in head.types]
