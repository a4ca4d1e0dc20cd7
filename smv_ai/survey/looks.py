"""What must be known of the rows before they are counted: how large numbers are, and how many values weights take."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smv_ai.sql.quoting import double
from smv_ai.survey.description import Item, Problem, Reserved, Wave
from smv_ai.survey.engines import Session
from smv_ai.survey.rows import Rows
from smv_ai.survey.texts import is_suspect

LARGEST_DOUBLE = 1.7976931348623157e308
SAMPLE = 100_000
# A double has 53 bits. Twice 10 are lost in squares of numbers a thousand times as far from the shift as from each
# other, and 2 * SMALL of the 59 bits of a sum in numbers 2 ** SMALL times smaller than the largest: both leave 1e-9.
FAR, SMALL = 2.0**10, 13
# Below this exponent a number is summed with fewer bits; four of them may be multiplied and scaled.
LEAST_EXPONENT = -200


@dataclass(frozen=True)
class Number:
    """A column that is summed: `shift` is taken off each value first; what is left is at most 2 ** exponent in size.

    `size` is the exponent of the values as they stand. `is_levelled`: each group has a shift and a unit of its own
    (levels.py), by which what is left is at most 1 in size.
    """

    column: str
    shift: float = 0.0
    exponent: int = 0
    size: int = 0
    is_levelled: bool = False

    @property
    def value(self) -> str:
        """The value as it stands, as a double."""
        return f"cast({self.column} as double)"

    @property
    def sql(self) -> str:
        """The shifted value."""
        if self.is_levelled:
            return f"(({self.value} - shift_{self.column}) * unit_{self.column})"
        return f"({self.value} - {double(self.shift)})" if self.shift else self.value


def exponent_of(largest: float) -> int:
    """The smallest whole e with largest <= 2 ** e, for a largest size from 0."""
    mantissa, exponent = math.frexp(largest)
    return max(exponent - (mantissa == 0.5), LEAST_EXPONENT)


def number_of(column: str, lowest: float | None, highest: float | None) -> Number:
    """A column with lowest and highest valid value (None without any).

    Numbers that lie close together, far from 0, are shifted by the one next to 0: their squares would lose what tells
    them apart. The difference is exact where no value is more than twice the shift (Sterbenz 1974, Floating-point
    computation, theorem 4.3.1), and only then they are shifted.
    """
    if lowest is None or highest is None:
        return Number(column)
    nearest = lowest if lowest > 0 else highest if highest < 0 else 0.0
    shift = nearest if highest - lowest <= abs(nearest) else 0.0
    left = exponent_of(max(abs(lowest - shift), abs(highest - shift)))
    return Number(column, shift, left, exponent_of(max(abs(lowest), abs(highest))))


def is_valid_number(column: str, reserved: Reserved) -> str:
    """SQL that holds where a number is an answer."""
    return f"{column} > {reserved.highest}"


def is_finite(column: str) -> str:
    """SQL that holds for a number that is neither infinite nor nan; null for null."""
    limit = double(LARGEST_DOUBLE)
    return f"cast({column} as double) between -{limit} and {limit}"


def summed_columns(wave: Wave, *, in_cell: bool) -> list[str]:
    """The columns whose values are added up; a weight that is part of the cell is not."""
    numbers = [item.column for item in wave.items if item.kind == "number"]
    return ([] if in_cell else ["design_weight"]) + list(dict.fromkeys(numbers))


def level_keys(keys: list[str]) -> list[str]:
    """The columns that make a group of respondents: those of a cell without sampling unit and weight."""
    return [key for key in keys if key not in ("psu_id", "design_weight")]


@dataclass(frozen=True)
class Seen:
    """Each summed column by its name in the file, and those that hold what is no finite number.

    `uneven` are the columns of which some group may lie far from 0 for its spread, or be tiny beside the largest
    number: levels.py looks at them again. `leading` are the keys of a cell that decide all others.
    """

    numbers: dict[str, Number]
    problems: list[Problem]
    uneven: list[str]
    leading: list[str]


def seen_of(
    session: Session, wave: Wave, rows: Rows, reserved: Reserved, keys: list[str], *, in_cell: bool, finds_leading: bool
) -> Seen:
    """What must be known of the rows before they are grouped by the keys of a cell and summed, in one look.

    The weight is summed where it is not part of the cell (`in_cell`). The leading keys are looked for where told: they
    are the stratum, which is the first, and the keys that vary within one. Where the stratum fixes industry, size,
    weight and population, say, the scan groups by stratum and region alone. That saves more than the look costs.
    """
    wanted = summed_columns(wave, in_cell=in_cell)
    query = _look(wanted, rows, reserved, keys, finds_leading=finds_leading)
    found = list(session.execute(query).fetchall()[0]) if query else []
    numbers, problems, uneven = {}, [], []
    for place, column in enumerate(wanted):
        lowest, highest, smallest, is_far = found[4 * place : 4 * place + 4]
        # nan is the largest number of all, in both engines
        if not all(math.isfinite(value) for value in (lowest, highest) if value is not None):
            text = f"column {column} holds values that are not finite numbers"
            problems.append(Problem("number_finite", text, "not_finite", column))
        elif column == "design_weight":
            numbers[column] = Number(rows.names[column], 0.0, exponent_of(max(abs(lowest or 0), abs(highest or 0))))
        else:
            number = numbers[column] = number_of(rows.names[column], lowest, highest)
            is_small = smallest is not None and smallest < math.ldexp(1.0, number.size - SMALL)
            if number.exponent > LEAST_EXPONENT and (is_small or is_far == 1):
                uneven.append(column)
    values = found[4 * len(wanted) :] or [0] * len(keys)
    leading = keys[:1] + [key for key, count in zip(keys[1:], values, strict=False) if count != 1]
    return Seen(numbers, problems, uneven, leading)


def _look(columns: list[str], rows: Rows, reserved: Reserved, keys: list[str], *, finds_leading: bool) -> str:
    """A row with four values a column: lowest and highest number, the smallest size that a group has as its largest,
    and 1 where a group is far from 0 for its spread; then, where told, how many values each key but the first has at
    most within one value of that. Nothing where nothing is asked.
    """
    groups = level_keys(keys)
    held = keys if finds_leading else groups
    ranges = [_range(column, rows.names[column], place, reserved) for place, column in enumerate(columns)]
    cells = ", ".join([*(f"{rows.names[key]} as g{place}" for place, key in enumerate(held)), *ranges])
    by = ", ".join(dict.fromkeys(rows.names[key] for key in held))
    levels = "cells"
    if held != groups:
        again = ", ".join(f"min(lo{place}) as lo{place}, max(hi{place}) as hi{place}" for place in range(len(columns)))
        levels = f"(select {again} from cells group by {', '.join(f'g{held.index(key)}' for key in groups)}) as levels"
    asked = []
    if columns:
        asked.append(f"(select {', '.join(map(_overall, range(len(columns))))} from {levels}) as ranges")
    if finds_leading and keys[1:]:
        counted = ", ".join(
            f"count(distinct g{place}) + max(case when g{place} is null then 1 else 0 end) as values_{place}"
            for place in range(1, len(keys))
        )
        most = ", ".join(f"max(values_{place})" for place in range(1, len(keys)))
        asked.append(f"(select {most} from (select {counted} from cells group by g0) as strata) as counted")
    if not asked:
        return ""
    return (
        f"with cells as (select {cells} from ({rows.query}) as answers group by {by})"
        f" select * from {' cross join '.join(asked)}"
    )


def _range(column: str, name: str, place: int, reserved: Reserved) -> str:
    """Lowest and highest number in a group of a column, which the rows call `name`; -infinity is no reserved code."""
    answer = f"{is_valid_number(name, reserved)} or {name} < -{double(LARGEST_DOUBLE)}"
    answers = "" if column == "design_weight" else f" filter (where {answer})"
    return f"cast(min({name}){answers} as double) as lo{place}, cast(max({name}) as double) as hi{place}"


def _overall(place: int) -> str:
    """The four values of a column, over groups with their ranges."""
    low, high = f"lo{place}", f"hi{place}"
    size = f"greatest(abs({low}), abs({high}))"
    smallest = f"min(case when {size} > 0 then {size} end)"
    return f"min({low}), max({high}), {smallest}, {some_far(low, high)}"


def some_far(low: str, high: str) -> str:
    """The aggregate over groups that is 1 where one lies far from 0 beside the distance of its numbers, which squares
    would lose; and where most have a single number: groups of respondents who are one group in a table may then be far.
    """
    nearest = f"least(abs({low}), abs({high}))"
    is_far = f"{high} > {low} and ({low} > 0 or {high} < 0) and {nearest} / {double(FAR)} > {high} - {low}"
    return (
        f"case when max(case when {is_far} then 1 else 0 end) = 1"
        f" or 2 * count_if({high} = {low} and {low} <> 0) > count({low}) then 1 else 0 end"
    )


def is_weight_in_cell(session: Session, wave: Wave, rows: Rows, *, by_unit: bool) -> bool:
    """Whether the weight joins the cell: if the first 100 000 respondents fall into at most half as many cells.

    The estimates are the same either way, the cost is not.
    """
    keys = ", ".join(rows.names[key] for key in (*wave.keys(by_unit=by_unit), "design_weight"))
    cells, respondents = session.execute(
        f"""
        select count(*), coalesce(sum(respondents), 0)
        from (
            select count(*) as respondents
            from (select {keys} from ({rows.query}) as answers limit {SAMPLE}) as part
            group by {keys}
        ) as cells
        """
    ).fetchall()[0]
    return respondents < SAMPLE or cells <= SAMPLE // 2


def is_made_up(respondent_id: str) -> str:
    """SQL that holds for the id of a respondent of the demonstration, which begins with demo_."""
    return f"coalesce(left(cast({respondent_id} as string), 5) = 'demo_', false)"


def suspects_of(session: Session, wave: Wave, rows: Rows) -> dict[str, int]:
    """How many respondents the ids give reason to look at, by kind.

    `unordered`: ids that are missing or not larger than that of the row before; a file whose ids rise from row to row
    holds nobody twice (where rows come in any order: how many are missing or repeat one). `misplaced`: ids of the
    demonstration among real respondents, or the other way round.
    `unclear`: ids whose text may differ from another one invisibly, or stand for no value.
    """
    # only a text can begin with demo_
    is_text = rows.types[rows.names["respondent_id"]] == "VARCHAR"
    made_up = is_made_up("respondent_id") if is_text else "false"
    unclear = is_suspect("respondent_id", rows.dialect) if is_text else "false"
    is_misplaced = made_up if wave.evidence_type == "estimated" else f"not {made_up}"
    counted = f"count_if({is_misplaced}) as misplaced, count_if({unclear}) as unclear"
    ids = f"select {rows.names['respondent_id']} as respondent_id from ({rows.query}) as answers"
    if rows.dialect.is_in_file_order:
        unordered = "count_if(respondent_id is null or previous_id >= respondent_id)"
        ids = f"select respondent_id, lag(respondent_id) over () as previous_id from ({ids}) as ids"
    else:
        unordered = "count(*) - count(distinct respondent_id)"
    found = session.execute(f"select {unordered} as unordered, {counted} from ({ids}) as ids").fetchall()[0]
    return dict(zip(("unordered", "misplaced", "unclear"), found, strict=True))


def is_unknown(item: Item, column: str, reserved: Reserved) -> str:
    """SQL that holds where an answer is neither an option, or a number, nor a reserved code."""
    left = ", ".join(map(str, dict.fromkeys([*item.codes, *reserved.of(item.kind).values()])))
    above = "" if item.kind == "code" else f"{column} <= {reserved.highest} and "
    return f"({column} is null or {above}{column} not in ({left}))"


def is_misrouted(item: Item, rows: Rows, reserved: Reserved) -> str:
    """SQL that holds where a respondent answered without being asked, or was not asked without a reason."""
    asked = "true"
    if item.asked_if_column:
        asked = f"coalesce({rows.has_value(item.asked_if_column, item.asked_if_values)}, false)"
    return f"({asked} = ({rows.names[item.column]} = {reserved.of(item.kind)['not_asked']}))"
