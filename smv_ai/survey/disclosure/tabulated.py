"""One question in a design: the firms' answers by cell, and the figures that rest on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
NEAR = 1e-6  # of a step: what the order of a sum may move


@dataclass
class Figures:
    """An entry a figure: what it is, what is released of it, and the truth, in the unit that is shown.

    is_size: the number of firms in a sub-population that an answer leads to; is_kept: hidden as it was in an earlier
    release; is_counted: the number of firms of each answer is public, for the answers are groups of tables, too.
    """

    number: Places
    measure: Places
    value: Array
    error: Array
    lower_half: Array
    upper_half: Array
    factor: Array
    step: Array
    is_shown: Flags
    is_hidden: Flags
    is_rare: Flags
    is_total: Flags
    is_logit: Flags
    is_size: Flags
    is_kept: Flags
    is_counted: Flags


@dataclass(frozen=True)
class Graded:
    """An entry a figure: what its quality grade is made of, unrounded; limits: statistic, metric, least and below."""

    statistic: NDArray[np.str_]
    value: Array
    error: Array
    lower_half: Array
    upper_half: Array
    effective: Array
    limits: list[tuple[str, str, float, float]]


@dataclass(frozen=True)
class Past:
    """Figures that earlier releases have shown: place, value then, step then, and what a shift now was worth then.

    spare: by how many firms an answer could have been rarer then without being hidden; hidden: the places of figures
    that an earlier release hid, with these answers or others.
    """

    place: Places
    value: Array
    step: Array
    worth: Array
    spare: Array
    hidden: Places

    @staticmethod
    def nothing() -> Past:
        """No earlier release."""
        none, nothing = np.array([], dtype=int), np.array([])
        return Past(none, nothing, nothing, nothing, nothing, none)


@dataclass
class Question:
    """Answers (codes by cells) and scores (measures by codes, nan where an answer is not counted).

    cells, codes: their numbers; place: the figure of each measure, breakdown and cell, -1 where there is none;
    units, scales: by stratum, how many units and what the variance is multiplied by; threshold: the fewest firms of an
    answer that is shown; past: what earlier releases have shown of the same figures; graded: what their grades rest on.
    """

    cells: Places
    codes: Places
    answers: Array
    weights: Array
    strata: Places
    units: Array
    scales: Array
    scores: Array
    place: Places
    figures: Figures
    threshold: int
    past: Past = field(default_factory=Past.nothing)
    graded: Graded | None = None

    @cached_property
    def inside(self) -> Flags:
        """Whether each figure (rows) counts each cell."""
        inside = np.zeros((len(self.figures.number), self.weights.size), dtype=bool)
        measure, breakdown, cell = np.nonzero(self.place >= 0)
        inside[self.place[measure, breakdown, cell], cell] = True
        return inside

    @cached_property
    def ends(self) -> tuple[Array, Array]:
        """The lowest and the highest score of each measure."""
        return np.nanmin(self.scores, axis=1), np.nanmax(self.scores, axis=1)

    @cached_property
    def scaled(self) -> Array:
        """Scores from 0 to 1: as many answers of the highest score as an answer counts for."""
        lowest, highest = self.ends
        return (self.scores - lowest[:, None]) / np.where(highest > lowest, highest - lowest, 1.0)[:, None]

    @cached_property
    def sides(self) -> tuple[Array, Array]:
        """Of each figure, the answers of the highest and those of the lowest score; a mean has parts of answers."""
        number = self.inside @ self.answers.T
        scaled = self.scaled[self.figures.measure]
        return np.nansum(number * scaled, axis=1), np.nansum(number * (1 - scaled), axis=1)

    @cached_property
    def sizes(self) -> Array:
        """The weight that each figure is a part of; 1 for a total."""
        counted = ~np.isnan(self.scores[self.figures.measure])
        weights = ((self.inside @ (self.answers * self.weights).T) * counted).sum(axis=1)
        return np.where(self.figures.is_total | self.figures.is_size, 1.0, np.maximum(weights, 1e-300))

    @cached_property
    def weights_by_measure(self) -> Array:
        """Weights of the cells (columns) in each measure; 1 where firms are counted."""
        is_size = np.zeros(len(self.scores), dtype=bool)
        is_size[self.figures.measure] = self.figures.is_size
        return np.where(is_size[:, None], 1.0, self.weights)

    @cached_property
    def worth_of_weight(self) -> Array:
        """How far each figure moves, in its unit, for a unit of weight and of score."""
        return self.figures.factor / self.sizes

    @cached_property
    def is_counted(self) -> Flags:
        """Whether each answer is counted in each measure."""
        return ~np.isnan(self.scores)

    @cached_property
    def plain_scores(self) -> Array:
        """Scores, 0 where an answer is not counted."""
        return np.nan_to_num(self.scores)

    @cached_property
    def plain_scaled(self) -> Array:
        """Scores from 0 to 1, 0 where an answer is not counted."""
        return np.nan_to_num(self.scaled)

    def moments(self, at: Places, answers: Array) -> Array:
        """Sums of the figures at these places by stratum, were these the answers: w, ws, ww, wws, wwss."""
        scores = self.scores[self.figures.measure[at]]
        counted, scores = ~np.isnan(scores) * 1.0, np.nan_to_num(scores)
        order = np.argsort(self.strata, kind="stable")
        starts = np.searchsorted(self.strata[order], np.arange(len(self.units)))
        inside = self.inside[at][:, order]
        sums = np.zeros((5, len(at), len(self.units)))
        for code, number in enumerate(answers[:, order]):
            once, twice = (
                np.add.reduceat(inside * (number * self.weights[order] ** power), starts, axis=1) for power in (1, 2)
            )
            c, s = counted[:, [code]], scores[:, [code]]
            sums += np.stack([c * once, s * once, c * twice, s * twice, s**2 * twice])
        return sums

    def change(self, at: Places, cell: int, leaves: int, takes: int) -> Array:
        """How the sums of moments() change in the stratum of a cell, of a firm there that answers otherwise."""
        scores = self.scores[self.figures.measure[at]]
        here, weight = self.inside[at, cell], self.weights[cell]
        counted = 1.0 * ~np.isnan(scores[:, takes]) - ~np.isnan(scores[:, leaves])
        first, second = (
            np.nan_to_num(scores[:, takes]) ** power - np.nan_to_num(scores[:, leaves]) ** power for power in (1, 2)
        )
        return (
            np.stack([weight * counted, weight * first, weight**2 * counted, weight**2 * first, weight**2 * second])
            * here
        )

    def variances(self, at: Places, sums: Array) -> tuple[Array, Array]:
        """Value and variance by linearisation (Cochran 1977, 5A.14), up to calibration, of figures with these sums."""
        w, ws, ww, wws, wwss = sums
        is_total, size = self.figures.is_total[at], w.sum(axis=1)
        with np.errstate(all="ignore"):
            value = np.where(is_total, ws.sum(axis=1), ws.sum(axis=1) / size)
            centre = np.where(is_total, 0.0, value)[:, None]
            squares, totals = wwss - 2 * centre * wws + centre**2 * ww, ws - centre * w
            variance = (self.scales * (squares - totals**2 / self.units)).sum(axis=1)
            return value, np.maximum(variance, 0.0) / np.where(is_total, 1.0, size**2)


def is_between(low: Array, high: Array, step: Array) -> Flags:
    """Whether a number from low to high could be rounded to different multiples of a step."""
    return np.floor(low / step + 0.5 - NEAR) != np.floor(high / step + 0.5 + NEAR)


def next_step(step: float) -> float:
    """The next of the steps 1, 2, 5, 10, 20 and so on."""
    unit = 10.0 ** np.floor(np.log10(step) + 1e-9)
    return float(unit * next(size for size in (2, 5, 10) if size > step / unit * (1 + 1e-9)))


def half_widths(half: Array, is_logit: Flags, before: Array, after: Array, ratio: Array, side: int) -> Array:
    """Half widths of intervals where the value has moved and the error has this ratio to what it was.

    On the logit scale the reach is quantile times error over p (1 - p) (Korn and Graubard 1999, 2.4); of intervals by
    other rules the width goes with the error. Parts of one; side: -1 of the lower half, 1 of the upper.
    """
    with np.errstate(all="ignore"):
        bound = before + side * half
        reach = (np.log(bound / (1 - bound)) - np.log(before / (1 - before))) * before * (1 - before)
        logit = np.log(after / (1 - after)) + reach * ratio / (after * (1 - after))
        by_logit = side * (1 / (1 + np.exp(-logit)) - after)
    return np.where(is_logit & np.isfinite(by_logit), by_logit, half * ratio)
