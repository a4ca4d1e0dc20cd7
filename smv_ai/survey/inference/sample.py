"""The sample of a design and the sums of a measure as arrays: a place for each weighted cell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from smv_ai.survey.inference.replicates import Replicates

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
# a difference that is 0 but for the rounding of its terms is 0
ROUNDING = 1e-13


@dataclass(frozen=True)
class Calibration:
    """How the weights of a sample were calibrated, for the residuals of the variance.

    `cell` is the calibration cell of each cell of the sample; `indicators` (calibration cells × margin categories) are
    the x of the regression, `weights` (calibration cells) what it is weighted by:
    the sum of the design weights where it `is_weighted`, or respondents.
    """

    cell: Places
    indicators: Numbers
    weights: Numbers
    is_weighted: bool

    @cached_property
    def inverse(self) -> Numbers:
        """Generalised inverse of X'WX: several margins add up to the same total, so X is not of full rank."""
        squares = self.indicators.T @ (self.indicators * self.weights[:, None])
        return np.linalg.pinv(squares, hermitian=True).astype(np.float64)


@dataclass(frozen=True)
class Sample:
    """The weighted cells of one design, in the order of their numbers.

    By cell: `number` (design_cell), `stratum` and `unit` (places; unit is None where each respondent is one), `n` its
    respondents, `weighted` those whose weight is not 0, `factor` of the calibration, `sum_w` and `sum_ww` the sums of
    their weights and squared weights. By stratum: `scale` and `mean_factor` (see the macro stratum_scale), `units` of
    the sample, `is_lonely`. `sign` tells the sides of a change apart: 1, -1, nan for cells on neither side.
    """

    design_id: str
    number: Places
    stratum: Places
    unit: Places | None
    n: Numbers
    weighted: Numbers
    factor: Numbers
    sum_w: Numbers
    sum_ww: Numbers
    scale: Numbers
    mean_factor: Numbers
    units: Numbers
    is_lonely: NDArray[np.bool_]
    lonely_rule: str
    sign: Numbers
    is_change: bool
    calibration: Calibration | None
    replicates: Replicates | None

    @cached_property
    def unit_count(self) -> int:
        """Sampling units that are told apart."""
        return 0 if self.unit is None else int(self.unit.max()) + 1

    @cached_property
    def x(self) -> Numbers:
        """The calibration's x of each cell (cells × targets)."""
        assert self.calibration is not None
        return self.calibration.indicators[self.calibration.cell]

    @cached_property
    def x_squares(self) -> Numbers:
        """Sum of s w² x x' over the rows of the sample (targets × targets)."""
        return self.x.T @ (self.x * (self.scale[self.stratum] * self.sum_ww)[:, None])

    @cached_property
    def x_by_stratum(self) -> Numbers:
        """Sums of w x (strata × targets)."""
        return grouped((self.x * self.sum_w[:, None]).T, self.stratum, len(self.scale)).T

    @cached_property
    def x_by_unit(self) -> Numbers:
        """Sums of w x (units × targets)."""
        assert self.unit is not None
        return grouped((self.x * self.sum_w[:, None]).T, self.unit, self.unit_count).T

    def places(self, numbers: Places) -> Places:
        """The places of cells by their numbers."""
        return np.searchsorted(self.number, numbers)

    def unit_counts(self, weighted: Numbers) -> tuple[Numbers, Numbers]:
        """Sampling units with a respondent whose weight is not 0, and the strata that they are in.

        `weighted` (… × cells) are the respondents of each set of rows whose weight is not 0.
        """
        strata = (grouped(weighted, self.stratum, len(self.scale)) > 0).sum(axis=-1)
        if self.unit is None:
            return weighted.sum(axis=-1), strata
        return (grouped(weighted, self.unit, self.unit_count) > 0).sum(axis=-1), strata


@dataclass(frozen=True)
class Measure:
    """The sums of one variable in the cells that have respondents with an answer, at `place` in the sample.

    y is the variable and x is 1, or the denominator of a ratio; d is the design weight, w = factor · d. `sum_wy` and
    `sum_wx` are weighted sums; `c_yy`, `c_yx`, `c_xx` the sums of squares and products of wy and wx about their means
    in the cell; `sum_ww`, `sum_wwy` and `sum_wwx` the sums of w², wy · w and wx · w; `fit_y` and `fit_x` those of y and
    x that the regression of the residuals takes (weighted by d, or not at all), `raw_y` and `raw_x` the sums of y and x
    themselves. `shift` was taken off y, and `offset` as well, by row, where it is not 0 (x is 1 then).
    """

    place: Places
    n: Numbers
    weighted: Numbers
    sum_wy: Numbers
    sum_wx: Numbers
    c_yy: Numbers
    c_yx: Numbers
    c_xx: Numbers
    sum_ww: Numbers
    sum_wwy: Numbers
    sum_wwx: Numbers
    fit_y: Numbers
    fit_x: Numbers
    raw_y: Numbers
    raw_x: Numbers
    shift: float = 0.0
    offset: Numbers | float = 0.0

    @cached_property
    def fitted_y(self) -> Numbers:
        """What wy is of w in each row by least squares: the mean of y weighted by w²."""
        return _ratio(self.sum_wwy, self.sum_ww)

    @cached_property
    def fitted_x(self) -> Numbers:
        """The same of wx; 1 where x is."""
        return _ratio(self.sum_wwx, self.sum_ww)

    @cached_property
    def about_fit(self) -> tuple[Numbers, Numbers, Numbers]:
        """The sums of squares and products yy, yx, xx of wy and wx about that; 0 within the rounding of their terms."""
        y, x, n = self.sum_wy, self.sum_wx, self.n
        moments = (self.c_yy + y * y / n, self.c_yx + y * x / n, self.c_xx + x * x / n)
        fits = (self.sum_wwy * self.fitted_y, self.sum_wwy * self.fitted_x, self.sum_wwx * self.fitted_x)
        yy, yx, xx = (
            np.where(np.abs(whole - fit) <= ROUNDING * np.abs(fit), 0.0, whole - fit)
            for whole, fit in zip(moments, fits, strict=True)
        )
        return yy, yx, xx


def counted_from(measure: Measure, c: Numbers | float) -> Measure:
    """The sums of y - c x in the place of those of y."""
    return replace(
        measure,
        sum_wy=measure.sum_wy - c * measure.sum_wx,
        c_yy=measure.c_yy - 2 * c * measure.c_yx + c * c * measure.c_xx,
        c_yx=measure.c_yx - c * measure.c_xx,
        sum_wwy=measure.sum_wwy - c * measure.sum_wwx,
        fit_y=measure.fit_y - c * measure.fit_x,
        raw_y=measure.raw_y - c * measure.raw_x,
    )


def _ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """0 where nothing is divided by nothing."""
    return np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator != 0)


def evened(measure: Measure) -> Measure:
    """The sums of y counted from one shift in all cells."""
    if not np.any(measure.offset):
        return measure
    return replace(counted_from(measure, -np.asarray(measure.offset)), offset=0.0)


def grouped(values: Numbers, group: Places, count: int) -> Numbers:
    """Sums of the last axis by group: (… × cells) to (… × groups)."""
    sums = [np.bincount(group, row, count) for row in values.reshape(math.prod(values.shape[:-1]), len(group))]
    return np.array(sums, dtype=np.float64).reshape(*values.shape[:-1], count)


def ranks(values: NDArray[Any]) -> Places:
    """The place of each value among the distinct values, in their order."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def parts(table: dict[str, NDArray[Any]], *keys: str) -> Iterator[tuple[tuple[Any, ...], dict[str, NDArray[Any]]]]:
    """The parts of a table whose rows agree in the keys; the table is sorted by them."""
    count = len(table[keys[0]])
    if not count:
        return
    changes = np.zeros(count - 1, dtype=bool)
    for key in keys:
        changes |= np.asarray(table[key][1:] != table[key][:-1], dtype=bool)
    starts = [0, *(np.flatnonzero(changes) + 1), count]
    for first, end in zip(starts[:-1], starts[1:], strict=True):
        yield tuple(table[key][first] for key in keys), {name: column[first:end] for name, column in table.items()}
