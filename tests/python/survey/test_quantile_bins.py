"""Quantiles of more rows than are read one by one: bins first, then the values of the bins that are needed."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from smv_ai.survey.inference import distribution
from smv_ai.survey.inference.distribution import Bins, Distribution, Reading
from smv_ai.survey.inference.quantiles import Blocks, Needed

CELLS = 7
RANDOM = np.random.default_rng(20)
# With -1e12 for no answer.
NUMBERS = {
    "continuous": RANDOM.normal(100, 20, 3000),
    "heavy tails": np.exp(3 * RANDOM.normal(0, 1, 3000)),
    "ties": np.where(RANDOM.random(3000) < 0.6, 0.0, RANDOM.integers(1, 500, 3000) / 8),
    "two values": RANDOM.integers(0, 2, 3000) * 1e9,
    "one value": np.full(3000, 42.0),
    "nothing but zero": np.zeros(3000),
    "both signs": RANDOM.standard_cauchy(3000) * 1e6,
    "years": 2000.0 + RANDOM.integers(0, 25, 3000),
    "sorted": np.sort(RANDOM.gamma(0.3, 1e5, 3000)),
    "of every size": 10.0 ** RANDOM.uniform(-200, 200, 3000) * RANDOM.choice([-1, 1], 3000),
}


@pytest.fixture
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def read(
    session: duckdb.DuckDBPyConnection, values: np.ndarray, cells: np.ndarray, weights: np.ndarray
) -> Distribution:
    """The distribution of the values, of which those of cell 3 are no answers."""
    rows = {"id": np.arange(len(values)), "cell": cells, "y": np.where(cells == 3, -1e12, values)}
    session.register("kept", duckdb.from_arrow(pa.table(rows), connection=session))
    reading = Reading("select * from kept", ("cell",), "y", "y <> -1e12", "id", None)
    size = float(np.abs(values).mean()) or 1.0
    return Distribution(session, reading, weights, len(values), size=size, with_ids=True)


def quantile(found: Distribution, weights: np.ndarray, cells: np.ndarray, p: float, rule: str) -> float:
    """The quantile of some cells; reads the bins that it needs."""
    while True:
        points = found.points_in(cells, cells)
        blocks = Blocks(points, points.sum_d, points.last_d)
        try:
            return blocks.quantile(p, rule)
        except Needed as more:
            assert not more.bins & found.read, "a bin that was read is not needed again"
            found.refine(more.bins)


@pytest.mark.parametrize("name", NUMBERS)
def test_quantiles_from_bins_are_those_of_the_values(session, monkeypatch, name: str) -> None:
    values, cells = NUMBERS[name], RANDOM.integers(0, CELLS, 3000)
    weights = 1.0 + np.arange(CELLS + 1) / 4
    whole = read(session, values, cells + 1, weights)
    monkeypatch.setattr(distribution, "MOST_ROWS", 1000)
    binned = read(session, values, cells + 1, weights)
    assert whole.bins is None and binned.bins is not None
    for chosen in (np.arange(1, CELLS + 1), np.array([2]), np.array([1, 5])):
        for p in (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0):
            for rule in ("math", "school", "hf7"):
                expected = quantile(whole, weights, chosen, p, rule)
                assert quantile(binned, weights, chosen, p, rule) == pytest.approx(expected, rel=1e-12, abs=0), (
                    chosen,
                    p,
                    rule,
                )
        is_in = np.isin(cells + 1, chosen) & (cells + 1 != 3)
        value, own = np.sort(values[is_in]), weights[(cells + 1)[is_in][np.argsort(values[is_in])]]
        median = value[np.searchsorted(np.cumsum(own), 0.5 * own.sum() * (1 - 1e-10))]
        assert quantile(binned, weights, chosen, 0.5, "math") == median


@pytest.mark.parametrize("bins", [Bins(0.0, 1.0), Bins(7144.9, 3571.0), Bins(-1e12, 1e-3), Bins(0.1, 1e9)])
def test_bins_are_in_the_order_of_their_values_and_inside_their_range(session, bins: Bins) -> None:
    """Also values next to each other, at the edge of a bin."""
    edges = np.array([edge for one in range(-70, 70) for edge in bins._edges(one)])
    near = np.nan_to_num(edges, posinf=1e300, neginf=-1e300)
    values = np.concatenate(
        [near, bins.middle + bins.unit * RANDOM.standard_cauchy(2000), [bins.middle, 1e300, -1e300]]
    )
    for _ in range(3):
        values = np.concatenate([values, np.nextafter(values, np.inf), np.nextafter(values, -np.inf)])
    values = np.unique(values)
    session.register("numbers", duckdb.from_arrow(pa.table({"y": values}), connection=session))
    found = session.execute(f"select {bins.sql('y')} from numbers order by y").fetchnumpy()
    of_value = next(iter(found.values()))
    assert (np.diff(of_value) >= 0).all() and len(set(of_value)) > 70
    for one in set(of_value):
        lowest, highest = bins.range_of({int(one)})
        assert lowest <= values[of_value == one].min() and values[of_value == one].max() <= highest


def test_later_readings_find_the_cells_by_their_keys(session, monkeypatch) -> None:
    """Keys of several columns, with missing values and zeros of both signs, and a cell in which nobody answered."""
    monkeypatch.setattr(distribution, "MOST_ROWS", 100)
    size, weight = np.array(["small", None, "large"], dtype=object), np.array([0.0, -0.0, 2.5, np.nan])
    number = np.arange(4000)
    values = RANDOM.normal(0, 1, 4000)
    rows = {
        "id": number,
        "size": pa.array(size[number % 3], pa.string()),
        "weight": pa.array(weight[number % 4], from_pandas=True),
        "y": np.where((number % 3 == 2) & (number % 4 == 2), -1e12, values),
    }
    session.register("kept", duckdb.from_arrow(pa.table(rows), connection=session))
    reading = Reading("select * from kept", ("size", "weight"), "y", "y <> -1e12", "id", None)
    found = Distribution(session, reading, np.ones(10), 4000, size=1.0, with_ids=False)
    found.refine(set(found.table["bin"].tolist()))
    expected = session.execute(
        "select cell, y from (select y, dense_rank() over (order by size nulls last, weight nulls last) as cell"
        " from kept) where y <> -1e12 order by y, cell"
    ).fetchall()
    assert list(zip(found.table["cell_id"].tolist(), found.table["value"].tolist(), strict=True)) == expected
    assert {cell for cell, _ in expected} == set(range(1, 10)) - {2}


def test_the_limits_of_an_interval_come_with_its_quantile(session, monkeypatch) -> None:
    """The bins where limits are likely are named with that of the quantile: of narrow intervals only."""
    monkeypatch.setattr(distribution, "MOST_ROWS", 300)
    for count, is_narrow in ((100_000, True), (400, False)):
        cells = np.ones(count, dtype=np.int64)
        binned = read(session, RANDOM.normal(100, 20, count), cells, np.ones(2))
        points = binned.points_in(np.array([1]), np.array([1]))
        blocks = Blocks(points, points.sum_d, points.last_d)
        assert blocks.size == pytest.approx(count)
        half = 1.96 * np.sqrt(0.25 / count)
        limits = {int(blocks.bin[np.searchsorted(blocks.upto, (0.5 + side * half) * count)]) for side in (-1, 1)}
        assert (limits <= blocks.bins_of_limits(0.5)) == is_narrow
