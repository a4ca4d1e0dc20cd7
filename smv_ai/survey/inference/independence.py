"""Do the answers to a question depend on the group: tests of independence for survey samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from smv_ai.survey.inference.covariance import covariances_of_totals
from smv_ai.survey.inference.probabilities import chi_square_tail, f_tail
from smv_ai.survey.inference.sample import Measure, Numbers, Places, Sample, grouped
from smv_ai.survey.inference.variance import average_factor


class Test(NamedTuple):
    """A test: F (second order), Chisq (first order), Wald or adjWald."""

    name: str
    statistic: float
    numerator: float
    denominator: float
    p_value: float


@dataclass(frozen=True)
class Table:
    """Answers by groups: for each atom (a cell of the sample and an answer) its row and column in the table.

    The sums of `atoms` are those of x = 1. `n` counts all rows of the domain, `degrees_of_freedom` their units less
    strata, also those without an answer.
    """

    atoms: Measure
    row: Places
    column: Places
    n: float
    degrees_of_freedom: float

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.row.max()) + 1, int(self.column.max()) + 1

    @cached_property
    def place(self) -> Places:
        """The place of each atom in the table, row by row."""
        return self.row * self.shape[1] + self.column

    @cached_property
    def totals(self) -> Numbers:
        """Weighted rows of each place of the table."""
        return np.bincount(self.place, self.atoms.sum_wx, self.shape[0] * self.shape[1]).astype(np.float64)


def tested(sample: Sample, table: Table) -> Iterator[Test]:
    """Test, statistic, its degrees of freedom (of numerator and denominator) and p value.

    Nothing where the table has a single row or column, or so many empty cells that there is no test. Source: Rao and
    Scott (1981), JASA 76, 221-230; (1984), Annals of Statistics 12, 46-60; Koch, Freeman and Freeman (1975); Fellegi
    (1980); Thomas and Rao (1987).
    """
    if min(table.shape) < 2:
        return
    covariance = None
    if sample.replicates is None:
        size, atoms = len(table.totals), len(table.place)
        inside = csr_matrix((np.ones(atoms), (table.place, np.arange(atoms))), shape=(size, atoms))
        has_rows = np.zeros((1, len(sample.n)))
        has_rows[0, table.atoms.place] = table.atoms.n
        # x is 1: its totals are those of the places of the table
        covariance = covariances_of_totals(sample, table.atoms, inside)[size:, size:] * average_factor(sample, has_rows)
        if not np.isfinite(covariance).all():
            return
    yield from _rao_scott(sample, table, covariance)
    yield from _wald(sample, table, covariance)


def _replicated(sample: Sample, table: Table) -> Numbers:
    """Weighted rows of each place by replicate."""
    assert sample.replicates is not None
    weights = sample.replicates.weights[table.atoms.place] * table.atoms.raw_x[:, None]
    return grouped(weights.T, table.place, len(table.totals)).T


def _rao_scott(sample: Sample, table: Table, covariance: Numbers | None) -> Iterator[Test]:
    total = table.totals.sum()
    p = table.totals / total
    of_table = p.reshape(table.shape)
    expected = np.outer(of_table.sum(axis=1), of_table.sum(axis=0))
    statistic = table.n * float(((of_table - expected) ** 2 / expected).sum())
    if covariance is None:
        again = _replicated(sample, table)
        v = sample.replicates.covariance(again / again.sum(axis=0), p)  # type: ignore[union-attr]
    else:
        # the linearised share of a place: (its total - p times the whole) / total
        shares = (np.eye(len(p)) - p[:, None]) / total
        v = shares @ covariance @ shares.T
    contrasts = _contrasts(*table.shape)
    with np.errstate(divide="ignore"):
        inverse = np.where(p > 0, 1 / p, 0.0).reshape(-1, 1)
    simple = contrasts.T @ (inverse * contrasts) / table.n
    weighed = contrasts.T @ (inverse * v * inverse.T) @ contrasts
    if np.linalg.matrix_rank(simple, hermitian=True) < len(simple):
        return
    delta = np.linalg.solve(simple, weighed)
    trace, trace_of_square = float(np.trace(delta)), float(np.trace(delta @ delta))
    if not trace > 0:
        return
    numerator = trace**2 / trace_of_square
    denominator = numerator * table.degrees_of_freedom
    f = statistic / trace
    q = contrasts.shape[1]
    yield Test("F", f, numerator, denominator, f_tail(f, numerator, denominator))
    yield Test("Chisq", statistic, float(q), np.inf, chi_square_tail(statistic / (trace / q), q))


def _wald(sample: Sample, table: Table, covariance: Numbers | None) -> Iterator[Test]:
    rows, columns = table.shape
    n = table.totals.sum()
    of_table = table.totals.reshape(rows, columns)
    row, column = of_table.sum(axis=1) / n, of_table.sum(axis=0) / n
    is_row, is_column = (np.equal.outer(np.arange(size), place) * 1.0 for size, place in (
        (rows, np.repeat(np.arange(rows), columns)), (columns, np.tile(np.arange(columns), rows))
    ))  # fmt: skip
    # the derivatives of N_ij - N_i. N_.j / N with respect to the totals of all places
    slopes = (
        is_row[:, None, :] * is_column[None, :, :]
        - is_row[:, None, :] * column[None, :, None]
        - row[:, None, None] * is_column[None, :, :]
        + row[:, None, None] * column[None, :, None]
    )[1:, 1:].reshape(-1, rows * columns)
    if covariance is None:
        v = sample.replicates.covariance(slopes @ _replicated(sample, table), slopes @ table.totals)  # type: ignore[union-attr]
    else:
        v = slopes @ covariance @ slopes.T
    y = (of_table - n * np.outer(row, column))[1:, 1:].reshape(-1)
    q, df = len(y), table.degrees_of_freedom
    if np.linalg.matrix_rank(v, hermitian=True) < q:
        return
    statistic = float(y @ np.linalg.solve(v, y))
    yield Test("Wald", statistic / q, float(q), df, f_tail(statistic / q, q, df))
    if df - q + 1 > 0:
        adjusted = statistic * (df - q + 1) / (q * df)
        yield Test("adjWald", adjusted, float(q), df - q + 1, f_tail(adjusted, q, df - q + 1))


def _contrasts(rows: int, columns: int) -> Numbers:
    """rc × (r-1)(c-1): tables with all sums of rows and columns 0."""
    found = np.zeros((rows * columns, (rows - 1) * (columns - 1)))
    for place, (i, j) in enumerate((i, j) for i in range(1, rows) for j in range(1, columns)):
        found[[0, i * columns + j], place] = 1.0
        found[[j, i * columns], place] = -1.0
    return found
