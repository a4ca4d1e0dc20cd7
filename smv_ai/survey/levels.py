"""Numbers of groups that lie at very different levels: each group is shifted and scaled by its own numbers.

One shift a column (looks.number_of) keeps what tells numbers apart where all of them lie close together. Where firms
near 0 stand beside firms near 1e12 no single shift does: the squares of one group drown in those of the other. Then
every group of respondents, a stratum with its breakdowns, has a shift and a power of two of its own, which are found
by the query of the scan itself and joined to its rows.
"""

from __future__ import annotations

import math
from dataclasses import replace

from smv_ai.sql.quoting import double
from smv_ai.survey.description import Reserved
from smv_ai.survey.engines import Session
from smv_ai.survey.looks import LEAST_EXPONENT, SMALL, Number, Seen, is_valid_number, some_far
from smv_ai.survey.rows import Rows


def needed_levels(session: Session, rows: Rows, seen: Seen, groups: list[str], reserved: Reserved) -> list[str]:
    """The columns of which some group would lose what tells its numbers apart, with the shift of the column."""
    if not seen.uneven:
        return []
    numbers = [seen.numbers[name] for name in seen.uneven]
    tests = ", ".join(f"{_loses(number, place)} as f{place}" for place, number in enumerate(numbers))
    ranges = _ranges(rows, numbers, groups, reserved)
    [found] = session.execute(f"select {tests} from ({ranges}) as ranges").fetchall()
    return [name for name, is_lost in zip(seen.uneven, found, strict=True) if is_lost == 1]


def levelled(
    rows: Rows, numbers: dict[str, Number], columns: list[str], groups: list[str], reserved: Reserved
) -> tuple[str, dict[str, Number]]:
    """The query of the rows with shift and unit of their group for these columns, and the numbers that are read so."""
    if not columns:
        return "", numbers
    read = [numbers[name] for name in columns]
    ranges = _ranges(rows, read, groups, reserved)
    shifts = ", ".join(f"{_shift(place)} as h{place}" for place in range(len(read)))
    sizes = ", ".join(f"greatest(abs(lo{p} - h{p}), abs(hi{p} - h{p})) as m{p}" for p in range(len(read)))
    held = ", ".join(f"g{place}" for place in range(len(groups)))
    levels = ", ".join(
        f"h{place} as {shift_of(number)}, {_unit(place)} as {unit_of(number)}" for place, number in enumerate(read)
    )
    same = " and ".join(f"{rows.names[key]} is not distinct from g{place}" for place, key in enumerate(groups))
    query = (
        f"select * from ({rows.query}) as answers inner join (select {held}, {levels} from (select *, {sizes} from"
        f" (select *, {shifts} from ({ranges}) as ranges) as shifted) as sized) as levels on {same}"
    )
    own = {name: replace(numbers[name], shift=0.0, exponent=0, is_levelled=True) for name in columns}
    return query, numbers | own


def reads_levels(sql: str) -> bool:
    """Whether an expression over rows reads the shift of a group."""
    return "shift_" in sql


def shift_of(number: Number) -> str:
    """The column that holds what is taken off the numbers of a group."""
    return f"shift_{number.column}"


def unit_of(number: Number) -> str:
    """The column that holds the power of two by which the shifted numbers of a group become at most 1 in size."""
    return f"unit_{number.column}"


def _ranges(rows: Rows, numbers: list[Number], groups: list[str], reserved: Reserved) -> str:
    """Lowest and highest number of each group."""
    named = [f"{rows.names[key]} as g{place}" for place, key in enumerate(groups)]
    for place, number in enumerate(numbers):
        valid = f"case when {is_valid_number(number.column, reserved)} then {number.value} end"
        named += [f"min({valid}) as lo{place}", f"max({valid}) as hi{place}"]
    by = ", ".join(dict.fromkeys(rows.names[key] for key in groups))
    return f"select {', '.join(named)} from ({rows.query}) as answers group by {by}"


def _loses(number: Number, place: int) -> str:
    """The aggregate over groups that is 1 where one has numbers far from the shift, or tiny beside all others."""
    low, high = (f"({name}{place} - {double(number.shift)})" for name in ("lo", "hi"))
    largest = f"greatest(abs({low}), abs({high}))"
    is_small = f"{largest} > 0 and {largest} < {double(math.ldexp(1.0, number.exponent - SMALL))}"
    return f"case when {some_far(low, high)} = 1 or max(case when {is_small} then 1 else 0 end) = 1 then 1 else 0 end"


def _shift(place: int) -> str:
    """As looks.number_of: the number next to 0, where the difference from it is exact; null for a group without any."""
    low, high = f"lo{place}", f"hi{place}"
    return (
        f"case when {low} > 0 and {high} - {low} <= {low} then {low}"
        f" when {high} < 0 and {high} - {low} <= -{high} then {high}"
        f" when {low} is not null then cast(0 as double) end"
    )


def _unit(place: int) -> str:
    """2 ** -e for the smallest whole e with m <= 2 ** e: powers of two are exact, logarithms are put right by them."""
    size = f"m{place}"
    guess = f"ceil(log2({size}))"
    two = "cast(2 as double)"
    right = (
        f"{guess} + case when {size} > power({two}, {guess}) then 1 when {size} <= power({two}, {guess} - 1) then -1"
        " else 0 end"
    )
    exponent = f"case when {size} > 0 then greatest({right}, {LEAST_EXPONENT}) else 0 end"
    return f"power({two}, -({exponent}))"
