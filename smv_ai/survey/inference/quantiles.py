"""Quantiles of a number in each segment, exact, with intervals by Woodruff's method.

Source: Woodruff (1952), JASA 47, 635-646; Hyndman and Fan (1996), American Statistician 50, 361-365 (rules);
Korn and Graubard (1998), Survey Methodology 24, 193-201 (beta interval).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv

from smv_ai.survey.inference.degrees_of_freedom import Rule, degrees_of_freedom, design_degrees_of_freedom
from smv_ai.survey.inference.differences import Row, number
from smv_ai.survey.inference.distribution import Distribution, Points
from smv_ai.survey.inference.probabilities import t_quantile
from smv_ai.survey.inference.reading import Group, Variable
from smv_ai.survey.inference.sample import Measure, Numbers, Places, Sample
from smv_ai.survey.inference.variance import Forms, average_factor, variances

# of the sum of the weights: a sum that differs from what is sought by less is it
CLOSE = 1e-10


class Needed(Exception):
    """A quantile lies among values that have not been read one by one: the bins to be read."""

    def __init__(self, bins: set[int]) -> None:
        """`bins` of the distribution."""
        super().__init__()
        self.bins = bins


@dataclass(frozen=True)
class Asked:
    """A quantile that is asked for, by which rule, with which interval: mean, logit, beta or replicate.

    `is_by_design`: the beta interval counts all rows of the sample, not those of the segment.
    """

    p: float
    rule: str
    interval: str
    is_by_design: bool = False


class Interval(NamedTuple):
    """What the interval of a segment needs: degrees of freedom by the rule and of the segment, and the level.

    `rows` are its rows with a weight, `design_rows` all rows of the sample.
    """

    degrees_of_freedom: float
    segment_degrees_of_freedom: float
    level: float
    rows: float
    design_rows: float


class Quantile(NamedTuple):
    """A quantile with its error and interval, where they have a value."""

    value: float
    standard_error: float
    lower: float
    upper: float


class Blocks:
    """The rows of a segment with a weight, by value: `value`, and `weight` the sum of each block of equal values."""

    def __init__(self, points: Points, weight: Numbers, last_weight: Numbers) -> None:
        """`weight` and `last_weight` are those of the points (a cell and value each) in this segment."""
        kept = np.flatnonzero(weight > 0)
        # blocks are in their order
        block = points.block[kept]
        is_first = np.diff(block, prepend=-1) != 0
        first, place = kept[is_first], np.cumsum(is_first) - 1
        self.value, self.bin = points.value[first], points.bin[first]
        self.weight = np.bincount(place, weights=weight[kept])
        self.upto = np.cumsum(self.weight)
        self.total = float(self.upto[-1]) if len(kept) else 0.0
        # Kish's effective size, of rows that weigh the same in each point
        self.size = self.total**2 / float((weight[kept] ** 2 / points.n[kept]).sum() or 1.0)
        # of the rows with the same value the one that stands last in the file
        order = np.lexsort((points.last_id[kept], place))
        last = order[np.r_[np.flatnonzero(np.diff(place[order])), len(order) - 1]] if len(order) else order
        self.last_weight = last_weight[kept][last]

    def quantile(self, p: float, rule: str) -> float:
        """The quantile by a rule: math, school or hf7. Raises Needed."""
        return self._interpolated(p) if rule == "hf7" else self._step(p, is_mean=rule == "school")

    def bins_of_limits(self, p: float) -> set[int]:
        """Where limits of a quantile are likely, so that the responses need not be read once more for each of them.

        Of wide intervals none: they lie in bins of their own that would not all be needed.
        """
        half, found = 2 * np.sqrt(p * (1 - p) / max(self.size, 1.0)), set[int]()
        for near, far in ((-1.3, -0.6), (0.6, 1.3)):
            first, last = np.searchsorted(self.upto, (p + half * np.array([near, far])) * self.total)
            bins = set(self.bin[first : last + 1].tolist())
            found |= bins if len(bins) <= 2 else set()
        return found

    def _step(self, p: float, *, is_mean: bool) -> float:
        sought, close = p * self.total, CLOSE * self.total
        place = min(int(np.searchsorted(self.upto, sought - close)), len(self.upto) - 1)
        wanted = [place]
        if is_mean and abs(self.upto[place] - sought) <= close and place + 1 < len(self.upto):
            wanted.append(place + 1)
        return float(self._known(wanted).mean())

    def _interpolated(self, p: float) -> float:
        """Between the points (c_(i-1) / c_(n-1), y_i) of the rows; those of a block share y."""
        last = len(self.value) - 1
        if last == 0:
            return float(self._known([0])[0])
        self._known([last])
        whole = self.total - self.last_weight[last]
        near = int(np.searchsorted(self.upto, p * whole))
        around = [place for place in range(near - 1, near + 2) if 0 <= place <= last]
        values = self._known(around)
        before = self.upto[around] - self.weight[around]
        at = np.column_stack([before, self.upto[around] - self.last_weight[around]]).ravel() / whole
        return float(np.interp(p, at, np.repeat(values, 2)))

    def _known(self, places: list[int]) -> Numbers:
        values = self.value[places]
        if np.isnan(values).any():
            raise Needed({int(self.bin[place]) for place in places if np.isnan(self.value[place])})
        return values


def quantiles_by_group(
    sample: Sample,
    variable: Variable,
    groups: list[Group],
    distribution: Distribution,
    cell_numbers: Places,
    asked: list[Asked],
    rule: Rule,
) -> Iterator[Row]:
    """A row for each group and quantile; `cell_numbers` are the numbers that the scan gave the cells of the sample."""
    left, found = groups, dict[int, list[Quantile | None]]()
    intervals = {group.segment_number: _interval(sample, variable, group, rule) for group in groups}
    while left:
        needed, again = set[int](), []
        for group in left:
            cells = np.intersect1d(group.cells, variable.sums.place)
            try:
                points = distribution.points_in(cells, cell_numbers[cells])
                found[group.segment_number] = list(quantiles_of(sample, points, asked, intervals[group.segment_number]))
            except Needed as more:
                needed |= more.bins
                again.append(group)
        if again:
            distribution.refine(needed)
        left = again
    for group in groups:
        interval = intervals[group.segment_number]
        for one, quantile in zip(asked, found[group.segment_number], strict=True):
            if quantile is not None:
                yield _row(sample, variable, group, one, quantile, interval)


def _interval(sample: Sample, variable: Variable, group: Group, rule: Rule) -> Interval:
    measure = variable.sums
    inside = np.isin(measure.place, group.cells)
    weighted = np.zeros((1, len(sample.n)))
    weighted[0, measure.place[inside]] = measure.weighted[inside]
    of_segment, by_rule = (
        float(degrees_of_freedom(one, sample, weighted, design_degrees_of_freedom(sample))[0])
        for one in (Rule("segment", rule.level), rule)
    )
    return Interval(by_rule, of_segment, rule.level, float(weighted.sum()), float(sample.n.sum()))


def _row(sample: Sample, variable: Variable, group: Group, asked: Asked, quantile: Quantile, interval: Interval) -> Row:
    return {
        "design_id": sample.design_id,
        "measure_id": variable.measure_id,
        "measure_number": variable.measure_number,
        "breakdown_id": group.breakdown_id,
        "segment": group.segment,
        "segment_number": group.segment_number,
        "quantile": asked.p,
        "quantile_rule": asked.rule,
        "interval_method": asked.interval,
        "value": quantile.value,
        "standard_error": number(quantile.standard_error),
        "ci_lower": number(quantile.lower),
        "ci_upper": number(quantile.upper),
        "degrees_of_freedom": interval.degrees_of_freedom,
        "respondents": interval.rows,
    }


def quantiles_of(sample: Sample, points: Points, asked: list[Asked], interval: Interval) -> Iterator[Quantile | None]:
    """Each quantile that is asked for, of the rows of the points. Raises Needed."""
    factor = sample.factor[points.cell]
    blocks = Blocks(points, factor * points.sum_d, factor * points.last_d)
    for one in asked:
        if not blocks.total > 0:
            yield None
            continue
        try:
            value = blocks.quantile(one.p, one.rule)
        except Needed as more:
            raise Needed(more.bins | blocks.bins_of_limits(one.p)) from None
        if one.interval == "replicate":
            yield _replicated(sample, points, value, one, interval)
            continue
        lower, upper = _limits(sample, points, value, one, interval)
        yield _with_limits(blocks, value, lower, upper, one, interval)


def _replicated(sample: Sample, points: Points, value: float, asked: Asked, interval: Interval) -> Quantile:
    """The error from the quantiles that each set of replicate weights gives."""
    assert sample.replicates is not None
    weights = sample.replicates.weights[points.cell]
    again = np.array([Blocks(points, one, one).quantile(asked.p, asked.rule) for one in weights.T])
    error = float(np.sqrt(sample.replicates.variance(again, np.array(value))))
    k = float(t_quantile(np.array(interval.degrees_of_freedom), interval.level))
    return Quantile(value, error, value - k * error, value + k * error)


def _with_limits(
    blocks: Blocks, value: float, lower: float, upper: float, asked: Asked, interval: Interval
) -> Quantile:
    """The limits of the share are put into the rule in place of p."""
    low = blocks.quantile(lower, asked.rule) if 0 <= lower <= 1 else np.nan
    high = blocks.quantile(upper, asked.rule) if 0 <= upper <= 1 else np.nan
    k = float(t_quantile(np.array(interval.degrees_of_freedom), interval.level))
    return Quantile(value, (high - low) / (2 * k), low, high)


def _limits(sample: Sample, points: Points, value: float, asked: Asked, interval: Interval) -> tuple[float, float]:
    """The interval of the share of rows up to the value."""
    share, variance = _share_upto(sample, points, value)
    error = np.sqrt(variance)
    k = float(t_quantile(np.array(interval.degrees_of_freedom), interval.level))
    if asked.interval == "mean":
        return share - k * error, share + k * error
    if not (0 < share < 1 and error > 0):
        return np.nan, np.nan
    if asked.interval == "logit":
        middle, half = np.log(share / (1 - share)), k * error / (share * (1 - share))
        return tuple(1 / (1 + np.exp(-(middle + sign * half))) for sign in (-1, 1))  # type: ignore[return-value]
    rows = interval.design_rows if asked.is_by_design else interval.rows
    whole, part = (
        float(t_quantile(np.array(v), interval.level)) for v in (rows - 1, interval.segment_degrees_of_freedom)
    )
    effective = share * (1 - share) / variance * (whole / part) ** 2
    tail = (1 - interval.level) / 2
    return (
        float(betaincinv(effective * share, effective * (1 - share) + 1, tail)),
        float(betaincinv(effective * share + 1, effective * (1 - share), 1 - tail)),
    )


def _share_upto(sample: Sample, points: Points, value: float) -> tuple[float, float]:
    """The weighted share of rows with at most this value, and its variance: z = w (1[y <= q] - P) / W."""
    is_upto = points.is_upto(value)
    if sample.replicates is not None:
        weights, own = sample.replicates.weights[points.cell], sample.factor[points.cell] * points.sum_d
        share = float((own * is_upto).sum() / own.sum())
        again = (weights * is_upto[:, None]).sum(axis=0) / weights.sum(axis=0)
        return share, float(sample.replicates.variance(again, np.array(share)))
    atoms, place = np.unique(2 * points.cell + is_upto, return_inverse=True)
    cell, is_low = atoms // 2, (atoms % 2).astype(float)
    n, d, dd = (
        np.bincount(place, weights=column).astype(np.float64) for column in (points.n, points.sum_d, points.sum_dd)
    )
    f = sample.factor[cell]
    zeros = np.zeros(len(n))
    measure = Measure(
        place=cell, n=n, weighted=n, sum_wy=zeros, sum_wx=f * d, c_yy=zeros, c_yx=zeros,
        c_xx=f**2 * np.maximum(dd - d * d / n, 0.0), sum_ww=f**2 * dd, sum_wwy=zeros, sum_wwx=f**2 * dd,
        fit_y=zeros, raw_y=zeros, raw_x=n,
        fit_x=d if sample.calibration is None or sample.calibration.is_weighted else n,
    )  # fmt: skip
    total = measure.sum_wx.sum()
    share = float((measure.sum_wx * is_low).sum() / total)
    forms = ((is_low - share) / total)[None, :]
    has_rows = np.zeros((1, len(sample.n)))
    has_rows[0, cell] = 1.0
    variance = variances(sample, measure, Forms.of(np.zeros_like(forms), forms)) * average_factor(sample, has_rows)
    return share, float(variance[0])
