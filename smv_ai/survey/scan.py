"""The aggregate query of a wave: one row a cell with counts and exact sums, in SQL that DuckDB and Spark read alike.

A cell is all respondents who share stratum, sampling unit (where it is told apart), population size and the columns
that estimates are broken down or calibrated by. Survey weights take few values within a stratum, so the weight joins
the cell and everything weighted is arithmetic on cells; where weights differ from row to row the weighted sums are
taken here.

Sums are of whole numbers: each product is shifted, multiplied by a power of two, rounded and added. They are the same
for any order of addition, hence for any number of threads and on both engines. Source: Demmel and Nguyen (2013), Fast
reproducible floating-point summation, 21st IEEE Symposium on Computer Arithmetic (pre-rounding).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from smv_ai.sql.quoting import double, portable_text
from smv_ai.survey.columns import routed_items
from smv_ai.survey.description import Item, Reserved, Wave
from smv_ai.survey.engines import DUCKDB, Dialect
from smv_ai.survey.head import WHOLE_TYPES, Head
from smv_ai.survey.levels import reads_levels, shift_of, unit_of
from smv_ai.survey.looks import Number, is_misrouted, is_unknown, is_valid_number
from smv_ai.survey.rows import Rows

# A product is at most 2 ** 59 < 10 ** 18, which decimal(18, 0) holds; the sums have 38 digits in DuckDB, 28 in Spark.
SUM_BITS = 59
TURN = 100
UNWEIGHTED = {"sum_y": "y", "sum_yy": "yy", "sum_x": "x", "sum_xx": "xx", "sum_yx": "yx"}
WEIGHTED = {
    "sum_d": "d", "sum_dd": "dd", "sum_dy": "dy", "sum_dyy": "dyy", "sum_ddy": "ddy", "sum_ddyy": "ddyy",
    "sum_dx": "dx", "sum_ddx": "ddx", "sum_ddyx": "ddyx", "sum_ddxx": "ddxx",
}  # fmt: skip
MOMENTS = ("respondents", "weighted_respondents", "largest_values", "sum_absolute", *UNWEIGHTED, *WEIGHTED)


@dataclass(frozen=True)
class Variable:
    """What is counted and summed: an answer code, a number y, a ratio of two numbers y and x, or the cell itself.

    `is_valid` is the condition that an answer counts by; `answer_status` is valid, or says what else is counted.
    """

    variable_id: str
    is_valid: str
    code: int | None = None
    y: Number | None = None
    x: Number | None = None
    is_amount: bool = False
    answer_status: str = "valid"


@dataclass(frozen=True)
class Sum:
    """A sum of products times 2 ** exponent, and times the unit of each of these levels (places in `levels`)."""

    sql: str
    exponent: int
    levels: tuple[int, ...] = ()


@dataclass
class Aggregates:
    """The aggregates of a scan in the order of the lists `counts`, `sums`, `shifts` and `largest` of a cell, from 1.

    `levels` are the numbers that have a shift of their own in each cell, in the order of `shifts`.
    """

    dialect: Dialect = DUCKDB
    counts: list[str] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    levels: list[Number] = field(default_factory=list)
    largest: list[str] = field(default_factory=list)

    def count(self, condition: str) -> int:
        """Count the respondents for whom the condition holds; returns the place."""
        self.counts.append("count(*)" if condition == "true" else f"count_if({condition})")
        return len(self.counts)

    def sum(self, factors: list[Number], is_valid: str) -> int:
        """Sum the product of the factors over the rows that are valid; returns the place."""
        product = " * ".join(factor.sql for factor in factors)
        levels = tuple(self.level(factor) for factor in factors if factor.is_levelled)
        return self._sum(product, SUM_BITS - sum(factor.exponent for factor in factors), is_valid, levels)

    def level(self, number: Number) -> int:
        """The place of the shift of a number that has one in each cell."""
        if number not in self.levels:
            self.levels.append(number)
        return self.levels.index(number) + 1

    def sum_of_sizes(self, value: Number, is_valid: str) -> int:
        """Sum the values without their signs over the rows that are valid; returns the place."""
        return self._sum(f"abs({value.value})", SUM_BITS - value.size, is_valid)

    def _sum(self, product: str, exponent: int, is_valid: str, levels: tuple[int, ...] = ()) -> int:
        """Sum what is at most 2 ** (SUM_BITS - exponent) in size."""
        # rounded here, as a cast rounds in one engine and truncates in the other
        whole = f"cast(floor({product} * cast({is_valid} as integer) * {double(2.0**exponent)} + 0.5) as bigint)"
        self.sums.append(Sum(self.dialect.sum_of_whole(whole), exponent, levels))
        return len(self.sums)

    def two_largest(self, value: Number, is_valid: str) -> int:
        """The two largest sizes; returns the place."""
        self.largest.append(self.dialect.two_largest(f"abs({value.value}) * cast({is_valid} as integer)"))
        return len(self.largest)


@dataclass(frozen=True)
class Looked:
    """What was seen of the rows: every column that is summed, and the keys that decide all others (empty: all).

    `levelled` is the query of the rows with shift and unit of the numbers that have them by group (see levels.py).
    """

    numbers: dict[str, Number]
    leading: list[str] = field(default_factory=list)
    levelled: str = ""


@dataclass(frozen=True)
class Scan:
    """One scan of a wave: the query that is run, and for each variable where its counts and sums stand in a cell.

    `cells` gives what the query found the columns that the cells of every wave have, in DuckDB, from a relation that
    is called `scanned`. `cell_keys` are the columns of the rows that decide the number of a cell, `weight_exponent` the
    size of the weight where it is not part of the cell.
    """

    wave: Wave
    by_unit: bool
    in_cell: bool
    query: str
    cells: str
    places: list[tuple[Variable, dict[str, int]]]
    cell_keys: list[str]
    weight_exponent: int | None
    levels: list[Number]

    def shift_place(self, number: Number | None) -> int | None:
        """Where a cell holds the shift of a number; None where all cells share one."""
        return self.levels.index(number) + 1 if number in self.levels else None


def variables_of(
    wave: Wave, head: Head, rows: Rows, numbers: dict[str, Number], reserved: Reserved
) -> Iterator[Variable]:
    """What the scan counts and sums, the cell itself first."""
    yield Variable("", "true")
    valid = {item.item_id: is_valid_number(rows.names[item.column], reserved) for item in wave.items}
    for item in wave.items:
        column = rows.names[item.column]
        if item.kind == "number":
            amount = item.item_id in wave.amounts
            yield Variable(item.item_id, valid[item.item_id], y=numbers[item.column], is_amount=amount)
        for code in item.codes if item.kind == "code" else ():
            yield Variable(item.item_id, f"{column} = {code}", code=code)
    for ratio in wave.ratios:
        y, x = wave.item(ratio.numerator), wave.item(ratio.denominator)
        yield Variable(
            f"{y.item_id}/{x.item_id}", f"{valid[y.item_id]} and {valid[x.item_id]}",
            y=numbers[y.column], x=numbers[x.column], is_amount=y.item_id in wave.amounts,
        )  # fmt: skip
    for item in wave.items:
        if not is_proved(item, head, reserved):
            unknown = is_unknown(item, rows.names[item.column], reserved)
            yield Variable(item.item_id, unknown, answer_status="unknown")
    for item in routed_items(wave, head):
        yield Variable(item.item_id, is_misrouted(item, rows, reserved), answer_status="misrouted")


def is_proved(item: Item, head: Head, reserved: Reserved) -> bool:
    """True where the footers show that every answer is in the catalogue, so that none has to be looked at.

    A derived column gives nothing else, as its rules were checked.
    """
    if item.column not in head.types:
        return True
    if item.column not in head.ranges:
        return False
    lowest, highest = head.ranges[item.column]
    if item.kind == "number":
        return lowest is not None and lowest >= min(reserved.numbers.values())
    if head.types[item.column] not in WHOLE_TYPES or lowest is None or highest is None or highest - lowest > 1000:
        return False
    return set(range(lowest, highest + 1)) <= {*item.codes, *reserved.codes.values()}


def places_of(variable: Variable, aggregates: Aggregates, weight: Number | None) -> dict[str, int]:
    """Add what is counted and summed of a variable; returns the places by the name of the moment (one of MOMENTS).

    `weight` is the design weight d where it is not part of the cell.
    """
    factors = {"y": variable.y, "x": variable.x, "d": weight}
    places = {"respondents": aggregates.count(variable.is_valid)}
    if variable.answer_status != "valid":
        return places
    if weight is not None:
        places["weighted_respondents"] = aggregates.count(f"{variable.is_valid} and {weight.column} <> 0")
    if variable.is_amount and variable.y is not None:
        places["largest_values"] = aggregates.two_largest(variable.y, variable.is_valid)
        places["sum_absolute"] = aggregates.sum_of_sizes(variable.y, variable.is_valid)
    for moment, letters in (UNWEIGHTED | WEIGHTED).items():
        product = [factors[letter] for letter in letters]
        if None not in product:
            places[moment] = aggregates.sum([factor for factor in product if factor], variable.is_valid)
    return places


def grouped(selected: list[str], rows: Rows, keys: list[str], leading: list[str], levelled: str = "") -> str:
    """The cells with their keys `k0`, `k1` ... and the selected aggregates: the portable heart of the scan.

    `leading` are the keys that decide all others (see looks.seen_of), `levelled` the rows as Looked has them.
    Aggregates are taken in turns of at most TURN, as many in each as in the others, each over its own columns of
    answers and joined by the number of the cell: with more, the cells outgrow the processor's cache, which costs more
    than reading the keys again.
    """
    columns = [rows.names[key] for key in leading]
    held = [rows.names[key] if key in leading else f"any_value({rows.names[key]})" for key in keys]
    numbered = f"row_number() over (order by {', '.join(f'{column} nulls last' for column in columns)}) as cell_id"
    turns, size = [], math.ceil(len(selected) / math.ceil(len(selected) / TURN))
    for start in range(0, len(selected), size):
        named = [f"{value} as k{place}" for place, value in enumerate(held)] if start == 0 else []
        wanted = ", ".join([numbered, *named, *selected[start : start + size]])
        query = levelled if reads_levels(wanted) else rows.query
        turns.append(f"(select {wanted} from ({query}) as answers group by {', '.join(columns)}) as turn_{start}")
    return "select * from " + " inner join ".join(turns[:1] + [f"{turn} using (cell_id)" for turn in turns[1:]])


def selected_of(rows: Rows, aggregates: Aggregates, *, in_cell: bool) -> list[str]:
    """What the scan works out for a cell: counts `n0`, sums `s0`, shifts `h0`, units `u0`, lists `l0`, and so on."""
    selected = [f"{sql} as n{place}" for place, sql in enumerate(aggregates.counts)]
    selected += [f"{one.sql} as s{place}" for place, one in enumerate(aggregates.sums)]
    for place, number in enumerate(aggregates.levels):
        selected += [f"any_value({shift_of(number)}) as h{place}", f"any_value({unit_of(number)}) as u{place}"]
    selected += [f"{sql} as l{place}" for place, sql in enumerate(aggregates.largest)]
    weight = rows.names["design_weight"]
    return (
        selected if in_cell else [*selected, f"count({weight}) as weights_present", f"min({weight}) as lowest_weight"]
    )


def cells_of(wave: Wave, rows: Rows, keys: list[str], aggregates: Aggregates, *, by_unit: bool, in_cell: bool) -> str:
    """The columns that the cells of every wave have, from what `grouped` found (DuckDB, whoever read the rows)."""
    sums = aggregates.sums
    key = {name: f"k{place}" for place, name in enumerate(keys)}
    cell_weight = key["design_weight"] if in_cell else "null"
    attributes = [f"'survey_wave_id': {portable_text(wave.survey_wave_id)}"]
    attributes += [f"{portable_text(name)}: {rows.as_text(name, key[name])}" for name in wave.attributes]
    psu = rows.as_text("psu_id", key["psu_id"]) if "psu_id" in key else "null"
    scaled = [
        f"cast(s{place} as double) * {double(2.0**-one.exponent)}" + "".join(f" / u{level - 1}" for level in one.levels)
        for place, one in enumerate(sums)
    ]
    return f"""
        select
            {portable_text(wave.survey_id)} as survey_id,
            {portable_text(wave.survey_wave_id)} as survey_wave_id,
            {str(by_unit).lower()} as is_by_unit,
            cast(cell_id as bigint) as cell_id,
            {rows.as_text("stratum_id", key["stratum_id"])} as stratum_id,
            cast({psu} as varchar) as psu_id,
            cast({key["stratum_population_size"]} as double) as stratum_population_size,
            cast({cell_weight} as double) as design_weight,
            cast({f"if({cell_weight} is null, 0, n0)" if in_cell else "weights_present"} as bigint) as weights_present,
            cast({cell_weight if in_cell else "lowest_weight"} as double) as lowest_weight,
            map {{ {", ".join(attributes)} }} as attributes,
            cast([{", ".join(f"n{place}" for place in range(len(aggregates.counts)))}] as bigint[]) as counts,
            cast([{", ".join(scaled)}] as double[]) as sums,
            cast([{", ".join(f"h{place}" for place in range(len(aggregates.levels)))}] as double[]) as shifts,
            cast([{", ".join(f"l{place}" for place in range(len(aggregates.largest)))}] as double[][]) as largest,
        from scanned
    """


def keys_of(wave: Wave, *, by_unit: bool, in_cell: bool) -> list[str]:
    """The columns that make a cell, the stratum first."""
    return [*wave.keys(by_unit=by_unit), *(["design_weight"] if in_cell else [])]


def scan_of(
    wave: Wave, head: Head, rows: Rows, looked: Looked, reserved: Reserved, *, by_unit: bool, in_cell: bool
) -> Scan:
    """The scan of a wave, by what was seen of its rows before."""
    aggregates = Aggregates(rows.dialect)
    weight = None if in_cell else looked.numbers["design_weight"]
    variables = variables_of(wave, head, rows, looked.numbers, reserved)
    places = [(variable, places_of(variable, aggregates, weight)) for variable in variables]
    keys = keys_of(wave, by_unit=by_unit, in_cell=in_cell)
    leading = looked.leading or keys
    query = grouped(selected_of(rows, aggregates, in_cell=in_cell), rows, keys, leading, looked.levelled)
    cells = cells_of(wave, rows, keys, aggregates, by_unit=by_unit, in_cell=in_cell)
    named = [rows.names[key] for key in leading]
    exponent = weight.exponent if weight else None
    return Scan(wave, by_unit, in_cell, query, cells, places, named, exponent, aggregates.levels)
