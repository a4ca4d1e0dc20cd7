"""The distribution of a number in the cells: every value where it is needed, and sums of bins elsewhere.

Millions of respondents give millions of different amounts. They are counted by bin first; only the bins that a
quantile or a limit of its interval falls into are then read value by value. What is found is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smv_ai.sql.quoting import double
from smv_ai.survey.engines import Session, SparkSession
from smv_ai.survey.inference.sample import Numbers, Places
from smv_ai.survey.looks import Number
from smv_ai.survey.scan import Aggregates

# More rows are counted by bin first. About a thousandth of the rows near the median falls into a bin.
MOST_ROWS = 1_000_000
BINS = 128


@dataclass(frozen=True)
class Reading:
    """Where a number stands in the rows of a wave, and how a row finds its cell.

    `query` gives a row a respondent, `keys` the columns that decide the cell (cells are numbered in their order),
    `value` the number, `is_valid` the condition that it is one. `weight` is the column of the design weight, None where
    the weight is that of the cell.
    """

    query: str
    keys: tuple[str, ...]
    value: str
    is_valid: str
    respondent_id: str
    weight: Number | None


@dataclass(frozen=True)
class Points:
    """The values (or bins, whose value is nan) of some cells, sorted by value, with sums of design weights d.

    `cell` is the place of the cell in the sample, `block` the same for equal values, `last_d` the weight of the row
    that stands last in the file, by its id.
    """

    cell: Places
    bin: Places
    value: Numbers
    block: Places
    n: Numbers
    sum_d: Numbers
    sum_dd: Numbers
    last_d: Numbers
    last_id: NDArray[Any]

    def is_upto(self, value: float) -> NDArray[np.bool_]:
        """True for the points with at most this value, which is a value that was read or lies between two of them."""
        known = ~np.isnan(self.value)
        own = self.bin[known][self.value[known] <= value]
        return np.where(known, self.value <= value, self.bin <= (own.max() if len(own) else np.iinfo(np.int64).min))


class Distribution:
    """The distribution of one number in the cells of a scan; `refine` reads more of it."""

    def __init__(
        self, session: Session, reading: Reading, weight_of_cell: Numbers, respondents: int, *, with_ids: bool
    ) -> None:
        """`weight_of_cell` is the design weight by number of the cell, for rows whose weight is that of the cell.

        `with_ids`: the rule of the quantile asks which of equal values stands last.
        """
        self.session, self.reading, self.weight_of_cell, self.with_ids = session, reading, weight_of_cell, with_ids
        if respondents > MOST_ROWS:
            self.bin = self._bins()
            self.read: set[int] = set()
            self.table = self._rows("cast(null as double)", "true")
        else:
            self.bin = "0"
            self.read = {0}
            self.table = self._rows(reading.value, "true")

    def refine(self, bins: set[int]) -> None:
        """Read the values of these bins one by one."""
        fresh = bins - self.read
        self.read |= fresh
        found = self._rows(self.reading.value, f"{self.bin} in ({', '.join(map(str, sorted(fresh)))})")
        kept = ~np.isin(self.table["bin"], sorted(fresh))
        whole = {name: np.concatenate([column[kept], found[name]]) for name, column in self.table.items()}
        order = np.lexsort((whole["cell_id"], whole["value"], whole["bin"]))
        self.table = {name: column[order] for name, column in whole.items()}

    def points_in(self, places: Places, numbers: Places) -> Points:
        """The points of the cells with these numbers, which stand at these places in a sample."""
        table = self.table
        place = np.full(int(max(numbers.max(initial=0), table["cell_id"].max(initial=0))) + 1, -1)
        place[numbers] = places
        cell = place[table["cell_id"]]
        kept = cell >= 0
        part = {name: column[kept] for name, column in table.items()}
        changes = (np.diff(part["bin"]) != 0) | ~np.isclose(np.diff(part["value"]), 0, rtol=0, atol=0)
        # two bins that were not read are never one block, two cells of such a bin are
        same_bin = np.isnan(part["value"][1:]) & np.isnan(part["value"][:-1]) & (np.diff(part["bin"]) == 0)
        block = np.r_[0, np.cumsum(changes & ~same_bin)] if len(part["bin"]) else np.zeros(0)
        return Points(
            cell[kept], part["bin"], part["value"], block.astype(np.int64), part["n"], part["sum_d"],
            part["sum_dd"], part["last_d"], part["last_id"],
        )  # fmt: skip

    def _bins(self) -> str:
        """SQL of the bin of a value: equal steps on a logarithm that begins at the median: tails cost little."""
        value, middle = (
            self.reading.value,
            "approx_percentile({}, 0.5)" if isinstance(self.session, SparkSession) else "approx_quantile({}, 0.5)",
        )
        rows = f"({self.reading.query}) as answers where {self.reading.is_valid}"
        median = float(self.session.execute(f"select {middle.format(value)} from {rows}").fetchall()[0][0])
        distance = f"{value} - {double(median)}"
        spread, average = self.session.execute(
            f"select {middle.format(f'abs({distance})')}, avg(abs({distance})) from {rows}"
        ).fetchall()[0]
        unit = (spread or average or 1.0) / 5
        steps = f"{double(BINS)} * ln(1 + abs({distance}) / {double(unit)})"
        return f"cast(case when {distance} < 0 then -1 - floor({steps}) else floor({steps}) end as integer)"

    def _rows(self, value: str, condition: str) -> dict[str, NDArray[Any]]:
        """The valid rows that meet the condition by cell, bin and value.

        Rows that do not are counted as one bin that is left out: every cell must be there to be numbered.
        """
        reading, aggregates = self.reading, Aggregates()
        keys, ordered = ", ".join(reading.keys), ", ".join(f"{key} nulls last" for key in reading.keys)
        is_wanted, selected = f"{reading.is_valid} and {condition}", ["count(*) as n"]
        if reading.weight is not None:
            is_wanted += f" and {reading.weight.column} <> 0"
            for power in (1, 2):
                aggregates.sum([reading.weight] * power, "true")
            selected += [f"{sql} as s{place}" for place, (sql, _) in enumerate(aggregates.sums)]
        if self.with_ids:
            selected.append(f"max({reading.respondent_id}) as last_id")
            if reading.weight is not None:
                selected.append(f"max_by({reading.weight.column}, {reading.respondent_id}) as last_d")
        found = self._table(
            f"""
            select dense_rank() over (order by {ordered}) as cell_id, *
            from (
                select {keys}, bin, value, {", ".join(selected)}
                from (
                    select *,
                        case when {is_wanted} then {self.bin} end as bin,
                        case when {is_wanted} then cast({value} as double) end as value
                    from ({reading.query}) as answers
                ) as placed
                group by {keys}, bin, value
            ) as counted
            """
        )
        return self._columns(found.filter(found["bin"].is_valid()), aggregates.sums)

    def _table(self, query: str) -> pa.Table:
        if isinstance(self.session, SparkSession):
            return self.session.table(query)
        # dbt wraps the connection, which is like it
        return cast(duckdb.DuckDBPyConnection, self.session).sql(query).to_arrow_table()

    def _columns(self, found: pa.Table, sums: list[tuple[str, int]]) -> dict[str, NDArray[Any]]:
        cell = found["cell_id"].to_numpy().astype(np.int64)
        n = found["n"].to_numpy().astype(float)
        d = self.weight_of_cell[cell] if self.reading.weight is None else np.zeros(0)
        scaled = [
            found[f"s{place}"].cast(pa.float64()).to_numpy() * 2.0**-exponent
            for place, (_, exponent) in enumerate(sums)
        ] or [n * d, n * d * d]
        names = found.column_names
        columns = {
            "cell_id": cell,
            "bin": found["bin"].to_numpy().astype(np.int64),
            "value": found["value"].to_numpy().astype(float),
            "n": n,
            "sum_d": scaled[0],
            "sum_dd": scaled[1],
            "last_d": found["last_d"].to_numpy().astype(float)
            if "last_d" in names
            else (d if len(d) else np.zeros(len(n))),
            "last_id": found["last_id"].to_numpy() if "last_id" in names else np.zeros(len(n)),
        }
        order = np.lexsort((cell, columns["value"], columns["bin"]))
        return {name: column[order] for name, column in columns.items()}
