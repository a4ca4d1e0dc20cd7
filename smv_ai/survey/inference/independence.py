"""Do the answers to a question depend on the group: tests of independence for survey samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from smv_ai.survey.inference.distributions import chi_square_tail, f_tail
from smv_ai.survey.inference.sample import Measure, Numbers, Places, Sample, grouped
from smv_ai.survey.inference.variance import covariances

TESTS = {"F": "rao_scott_f", "Chisq": "rao_scott_chi_square", "Wald": "wald", "adjWald": "adjusted_wald"}


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


def tested(sample: Sample, table: Table) -> Iterator[tuple[str, float, float, float, float]]:
    """Test, statistic, its degrees of freedom (of numerator and denominator) and p value.

    Nothing where the table has a single row or column, or so many empty cells that there is no test. Source: Rao and Scott (1981), JASA 76, 221-230; (1984), Annals
    of Statistics 12, 46-60; Koch, Freeman and Freeman (1975); Fellegi (1980); Thomas and Rao (1987).
    """
    rows, columns = int(table.row.max()) + 1, int(table.column.max()) + 1
    if rows < 2 or columns < 2:
        return
    place = table.row * columns + table.column
    totals = np.bincount(place, weights=table.atoms.sum_wx, minlength=rows * columns)
    yield from _rao_scott(sample, table, totals.reshape(rows, columns), place)
    yield from _wald(sample, table, totals.reshape(rows, columns), place)


def _rao_scott(sample: Sample, table: Table, totals: Numbers, place: Places) -> Iterator[tuple]:
    p = totals / totals.sum()
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    statistic = table.n * float(((p - expected) ** 2 / expected).sum())
    v = _covariance_of_shares(sample, table.atoms, p.ravel(), totals.sum(), place)
    contrasts = _contrasts(*totals.shape)
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
    yield "F", f, numerator, denominator, f_tail(f, numerator, denominator)
    yield "Chisq", statistic, float(q), np.inf, chi_square_tail(statistic / (trace / q), q)


def _covariance_of_shares(sample: Sample, atoms: Measure, p: Numbers, total: float, place: Places) -> Numbers:
    if sample.replicates is None:
        # z of the share of each cell of the table, in each atom
        forms = ((np.arange(len(p))[:, None] == place) - p[:, None]) / total
        return covariances(sample, atoms, np.zeros_like(forms), forms)
    totals = grouped((atoms.raw_x[:, None] * sample.replicates.weights[atoms.place]).T, place, len(p)).T
    return sample.replicates.covariance(totals / totals.sum(axis=0), p)


def _covariance_of_totals(sample: Sample, atoms: Measure, forms: Numbers) -> Numbers:
    if sample.replicates is None:
        return covariances(sample, atoms, np.zeros_like(forms), forms)
    replicated = forms @ (atoms.raw_x[:, None] * sample.replicates.weights[atoms.place])
    return sample.replicates.covariance(replicated, forms @ atoms.sum_wx)


def _wald(sample: Sample, table: Table, totals: Numbers, place: Places) -> Iterator[tuple]:
    rows, columns = totals.shape
    n = totals.sum()
    row, column = totals.sum(axis=1) / n, totals.sum(axis=0) / n
    forms = np.array(
        [
            1.0 * ((table.row == i) & (table.column == j))
            - (table.row == i) * column[j]
            - (table.column == j) * row[i]
            + row[i] * column[j]
            for i in range(1, rows)
            for j in range(1, columns)
        ]
    )
    v = _covariance_of_totals(sample, table.atoms, forms)
    y = (totals - n * np.outer(row, column))[1:, 1:].reshape(-1)
    q, df = len(y), table.degrees_of_freedom
    if np.linalg.matrix_rank(v, hermitian=True) < q:
        return
    statistic = float(y @ np.linalg.solve(v, y))
    yield "Wald", statistic / q, float(q), df, f_tail(statistic / q, q, df)
    if df - q + 1 > 0:
        adjusted = statistic * (df - q + 1) / (q * df)
        yield "adjWald", adjusted, float(q), df - q + 1, f_tail(adjusted, q, df - q + 1)


def _contrasts(rows: int, columns: int) -> Numbers:
    """rc × (r-1)(c-1): tables with all sums of rows and columns 0."""
    found = np.zeros((rows * columns, (rows - 1) * (columns - 1)))
    for place, (i, j) in enumerate((i, j) for i in range(1, rows) for j in range(1, columns)):
        found[[0, i * columns + j], place] = 1.0
        found[[j, i * columns], place] = -1.0
    return found
