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
from smv_ai.survey.engines import Session, SparkSession, dialect_of
from smv_ai.survey.inference.sample import Numbers, Places
from smv_ai.survey.looks import LARGEST_DOUBLE, Number
from smv_ai.survey.scan import Aggregates, Sum

# More rows are counted by bin first. About a hundredth of the rows near the median falls into a bin.
MOST_ROWS = 100_000
BINS = 64
# The part of the values that the bins are laid out by.
SAMPLED = 0.01
GOLDEN_RATIO = 1.618033988749895


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


@dataclass(frozen=True)
class Bins:
    """Bins of a number: narrow about the middle, where half of the values lie within the `unit`, and wider outwards.

    A value at the distance d falls into the bin floor(BINS sign(d) (1 - unit / (|d| + unit))). Each operation is
    monotone as it is rounded, so that bins are in the order of their values.
    """

    middle: float
    unit: float

    def sql(self, value: str) -> str:
        """SQL of the bin of a value."""
        distance = f"({value} - {double(self.middle)})"
        share = f"{double(self.unit)} / (abs{distance} + {double(self.unit)})"
        return f"cast(floor({double(BINS)} * sign{distance} * ({double(1.0)} - {share})) as integer)"

    def range_of(self, bins: set[int]) -> tuple[float, float]:
        """Numbers that every value of these bins lies between; others may, too."""
        return min(self._edges(one)[0] for one in bins), max(self._edges(one)[1] for one in bins)

    def _edges(self, bin_number: int) -> tuple[float, float]:
        step = min(bin_number if bin_number >= 0 else -1 - bin_number, BINS - 1)
        near, far = (self.unit * s / (BINS - s) if s < BINS else np.inf for s in (step, step + 1))
        lowest, highest = (near, far) if bin_number >= 0 else (-far, -near)
        # more than what is rounded in the steps
        slack = 1e-9 * (abs(self.middle) + near + self.unit)
        return self.middle + lowest - slack, self.middle + highest + slack


class Distribution:
    """The distribution of one number in the cells of a scan; `refine` reads more of it."""

    def __init__(
        self,
        session: Session,
        reading: Reading,
        weight_of_cell: Numbers,
        respondents: int,
        *,
        size: float,
        with_ids: bool,
    ) -> None:
        """`weight_of_cell` is the design weight by number of the cell, for rows whose weight is that of the cell.

        `size`: how large the numbers are, about. `with_ids`: the rule of the quantile asks which of equal values stands
        last.
        """
        self.session, self.reading, self.weight_of_cell, self.with_ids = session, reading, weight_of_cell, with_ids
        self.bins: Bins | None = None
        self.cells: pa.Table | None = None
        value = reading.value
        if respondents > MOST_ROWS:
            self.bins = self._laid_out(size)
            self.read: set[int] = set()
            self._keep(self._rows(self.bins.sql(value), None, reading.is_valid))
        else:
            self.read = {0}
            self._keep(self._rows("0", f"cast({value} as double)", reading.is_valid))

    def refine(self, bins: set[int]) -> None:
        """Read the values of these bins one by one."""
        assert self.bins is not None
        fresh = bins - self.read
        self.read |= fresh
        value, bin_of_value = self.reading.value, self.bins.sql(self.reading.value)
        lowest, highest = (double(edge) for edge in np.clip(self.bins.range_of(fresh), -LARGEST_DOUBLE, LARGEST_DOUBLE))
        # the range spares the reader of the files most rows
        is_wanted = (
            f"{self.reading.is_valid} and {value} >= {lowest} and {value} <= {highest}"
            f" and {bin_of_value} in ({', '.join(map(str, sorted(fresh)))})"
        )
        found = self._rows(bin_of_value, f"cast({value} as double)", is_wanted)
        kept = ~np.isin(self.table["bin"], sorted(fresh))
        self._keep({name: np.concatenate([column[kept], found[name]]) for name, column in self.table.items()})

    def _keep(self, rows: dict[str, NDArray[Any]]) -> None:
        """Put the rows into the order of their values; `of_cell` is where those of each cell are."""
        order = np.lexsort((rows["cell_id"], rows["value"], rows["bin"]))
        self.table = {name: column[order] for name, column in rows.items()}
        cell = self.table["cell_id"]
        by_cell = np.argsort(cell, kind="stable")
        self.of_cell = np.split(by_cell, np.searchsorted(cell[by_cell], np.arange(1, int(cell.max(initial=0)) + 1)))

    def points_in(self, places: Places, numbers: Places) -> Points:
        """The points of the cells with these numbers, which stand at these places in a sample."""
        known = numbers < len(self.of_cell)
        rows = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *(self.of_cell[n] for n in numbers[known])]))
        part = {name: column[rows] for name, column in self.table.items()}
        place = np.full(len(self.of_cell), -1)
        place[numbers[known]] = places[known]
        value, own_bin = part["value"], part["bin"]
        # two bins that were not read are never one block, two cells of such a bin are
        is_new = (np.diff(own_bin) != 0) | ((value[1:] != value[:-1]) & ~np.isnan(value[1:]))
        block = np.cumsum(np.concatenate([np.zeros(min(len(rows), 1), dtype=np.int64), is_new]))
        return Points(
            place[part["cell_id"]], own_bin, value, block.astype(np.int64), part["n"], part["sum_d"],
            part["sum_dd"], part["last_d"], part["last_id"],
        )  # fmt: skip

    def _laid_out(self, size: float) -> Bins:
        """Bins by a part of the values, chosen by what stands far behind their point: whatever the order of the rows,
        and the same on both engines.
        """
        value = f"cast({self.reading.value} as double)"
        turned = f"{value} * {double(1e5 * GOLDEN_RATIO / size)}"
        found = self._table(
            f"select {value} as value from ({self.reading.query}) as answers"
            f" where {self.reading.is_valid} and {turned} - floor({turned}) < {double(SAMPLED)}"
        )["value"].to_numpy()
        middle = float(np.median(found)) if len(found) else 0.0
        distance = np.abs(found - middle)
        spread = float(np.median(distance) or distance.mean()) if len(found) else 0.0
        return Bins(middle, spread or size)

    def _rows(self, bin_of_value: str, value: str | None, is_wanted: str) -> dict[str, NDArray[Any]]:
        """The rows that are wanted, by cell, bin and value (or by cell and bin alone).

        The first reading goes through all rows, as every cell must be there to be numbered, also one without a row that
        is wanted; later ones know the cells, and leave most rows to the reader of the files.
        """
        reading, aggregates = self.reading, Aggregates(dialect_of(self.session))
        keys = [f"{key} as k{place}" for place, key in enumerate(reading.keys)]
        selected = ["count(*) as n"]
        if reading.weight is not None:
            is_wanted += f" and {reading.weight.column} <> 0"
            for power in (1, 2):
                aggregates.sum([reading.weight] * power, "true")
            selected += [f"{one.sql} as s{place}" for place, one in enumerate(aggregates.sums)]
        if self.with_ids:
            selected.append(f"max({reading.respondent_id}) as last_id")
            if reading.weight is not None:
                selected.append(f"max_by({reading.weight.column}, {reading.respondent_id}) as last_d")
        placed = {"bin": bin_of_value} | ({} if value is None else {"value": value})
        numbered, where = [], f"where {is_wanted}"
        if self.cells is None:
            placed = {name: f"case when {is_wanted} then {one} end" for name, one in placed.items()}
            numbered, where = [f"dense_rank() over (order by {self._order}) as cell_id"], ""
        columns = ", ".join(f"{one} as {name}" for name, one in placed.items())
        counted = f"""
            select {", ".join([*keys, *placed, *selected])}
            from (select *, {columns} from ({reading.query}) as answers {where}) as placed
            group by {", ".join([*reading.keys, *placed])}
        """
        found = self._table(f"select {', '.join([*numbered, 'counted.*'])} from ({counted}) as counted")
        cell = self._cells_of(found)
        is_placed = found["bin"].is_valid()
        return self._columns(found.filter(is_placed), cell[is_placed.to_numpy()], aggregates.sums)

    @property
    def _order(self) -> str:
        """The order in which the scan numbers the cells."""
        return ", ".join(f"k{place} nulls last" for place in range(len(self.reading.keys)))

    def _cells_of(self, found: pa.Table) -> Places:
        """The number of the cell of each row, which the first reading brings and later ones find by the keys."""
        keys = [f"k{place}" for place in range(len(self.reading.keys))]
        if self.cells is None:
            cell = found["cell_id"].to_numpy().astype(np.int64)
            self.cells = found.select(keys).take(np.unique(cell, return_index=True)[1])
            return cell
        known = self.cells.num_rows
        code = np.zeros(known + found.num_rows, dtype=np.int64)
        for key in keys:
            both = pa.chunked_array([*self.cells[key].chunks, *found[key].chunks], found[key].type).combine_chunks()
            if pa.types.is_floating(both.type):
                both = pa.array(both.to_numpy(zero_copy_only=False) + 0.0, from_pandas=True)  # -0 is 0
            texts = both.dictionary_encode(null_encoding="encode")
            code = np.unique(code * len(texts.dictionary) + texts.indices.to_numpy(), return_inverse=True)[1]
        number = np.zeros(int(code.max(initial=0)) + 1, dtype=np.int64)
        number[code[:known]] = np.arange(1, known + 1)
        return number[code[known:]]

    def _table(self, query: str) -> pa.Table:
        if isinstance(self.session, SparkSession):
            return self.session.table(query)
        # dbt wraps the connection, which is like it
        return cast(duckdb.DuckDBPyConnection, self.session).sql(query).to_arrow_table()

    def _columns(self, found: pa.Table, cell: Places, sums: list[Sum]) -> dict[str, NDArray[Any]]:
        n = found["n"].to_numpy().astype(float)
        d = self.weight_of_cell[cell] if self.reading.weight is None else np.zeros(0)
        scaled = [
            found[f"s{place}"].cast(pa.float64()).to_numpy() * 2.0**-one.exponent for place, one in enumerate(sums)
        ] or [n * d, n * d * d]
        names = found.column_names
        return {
            "cell_id": cell,
            "bin": found["bin"].to_numpy().astype(np.int64),
            "value": found["value"].to_numpy().astype(float) if "value" in names else np.full(len(n), np.nan),
            "n": n,
            "sum_d": scaled[0],
            "sum_dd": scaled[1],
            "last_d": found["last_d"].to_numpy().astype(float)
            if "last_d" in names
            else (d if len(d) else np.zeros(len(n))),
            "last_id": found["last_id"].to_numpy() if "last_id" in names else np.zeros(len(n)),
        }
