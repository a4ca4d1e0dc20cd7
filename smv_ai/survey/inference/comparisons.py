"""Two groups of one sample: the difference of their estimates, the ratio of their means, with the covariance of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smv_ai.survey.inference.distributions import benjamini_hochberg, holm, t_quantile, t_tail
from smv_ai.survey.inference.reading import Group, Variable
from smv_ai.survey.inference.replicates import Replicates
from smv_ai.survey.inference.sample import Measure, Numbers, Rule, Sample
from smv_ai.survey.inference.variance import average_factor, variances

TOTALS = ("total", "population")
# More groups have thousands of pairs that nobody reads: each is compared with the rest, and stated pairs with each other.
MOST_GROUPS_PAIRED = 25
REST = "rest"

Mask = NDArray[np.bool_]
Row = dict[str, Any]


@dataclass(frozen=True)
class Stated:
    """A pair that a survey file asks for by name, of two segments, and the family of its adjusted p values."""

    comparison_id: str
    a: tuple[str, str]
    b: tuple[str, str]
    family: str


@dataclass(frozen=True)
class Pair:
    """Two sets of cells: a segment and another, or a segment and the rest of its breakdown (`b` is None)."""

    kind: str
    comparison_id: str | None
    family: str
    a: Group
    b: Group | None
    cells_a: Mask
    cells_b: Mask


def pairs_of(sample: Sample, groups: list[Group], stated: Iterable[Stated]) -> list[Pair]:
    """All pairs of a breakdown with one column, every group against the rest, and what the survey file asks for."""
    masks = {(group.breakdown_id, group.segment): _mask(sample, group) for group in groups}
    by_name = {(group.breakdown_id, group.segment): group for group in groups}
    found = [
        Pair("stated", one.comparison_id, one.family, by_name[one.a], by_name[one.b], masks[one.a], masks[one.b])
        for one in stated
        if one.a in masks and one.b in masks
    ]
    for breakdown in dict.fromkeys(group.breakdown_id for group in groups):
        members = [group for group in groups if group.breakdown_id == breakdown]
        if len(members) > 1 and members[0].column_count:
            found += _pairs_of_breakdown(members, [masks[breakdown, group.segment] for group in members])
    return found


def _pairs_of_breakdown(members: list[Group], masks: list[Mask]) -> Iterator[Pair]:
    breakdown, everyone = members[0].breakdown_id, np.logical_or.reduce(masks)
    if members[0].column_count == 1 and len(members) <= MOST_GROUPS_PAIRED:
        for i, a in enumerate(members):
            for j, b in enumerate(members[i + 1 :], i + 1):
                yield Pair("pair", None, f"{breakdown} pairs", a, b, masks[i], masks[j])
    # of two groups each is the rest of the other
    if len(members) > 2 or members[0].column_count > 1:
        for a, mask in zip(members, masks, strict=True):
            yield Pair(REST, None, f"{breakdown} rest", a, None, mask, everyone & ~mask)


def _mask(sample: Sample, group: Group) -> Mask:
    mask = np.zeros(len(sample.n), dtype=bool)
    mask[group.cells] = True
    return mask


def compared(sample: Sample, variables: Iterable[Variable], pairs: list[Pair], rule: Rule) -> Iterator[Row]:
    """A row for each measure and pair of which both sides have an estimate."""
    if not pairs:
        return
    a, b = (np.array([getattr(pair, side) for pair in pairs]) for side in ("cells_a", "cells_b"))
    design_df = design_degrees_of_freedom(sample)
    rows: list[Row] = []
    for variable in variables:
        columns = _columns(sample, variable, a, b, rule, design_df)
        rows += _rows(sample, variable, pairs, columns)
    yield from _with_families(rows)


def design_degrees_of_freedom(sample: Sample) -> float:
    """Sampling units less strata, counted over respondents whose weight is not 0; of replicates see degrees_of_freedom."""
    if sample.replicates is not None:
        return sample.replicates.degrees_of_freedom(np.ones(len(sample.n)))
    units, strata = sample.unit_counts(sample.weighted)
    return float(units - strata)


def degrees_of_freedom(rule: Rule, sample: Sample, weighted: Numbers, design_df: float) -> Numbers:
    """Of each set of rows, by the rule; `weighted` (sets × cells) are its respondents whose weight is not 0.

    With replicate weights the rank of their matrix, less one, in the place of units less strata.
    """
    name, _, less = rule.degrees_of_freedom.partition("_minus_")
    if name == "infinite":
        return np.full(len(weighted), np.inf)
    if name == "segment" and sample.replicates is not None:
        return np.array([sample.replicates.degrees_of_freedom(rows) for rows in weighted]) - float(less or 0)
    if name == "design":
        return np.full(len(weighted), design_df) - float(less or 0)
    units, strata = sample.unit_counts(weighted)
    return np.asarray(units - strata, dtype=float) - float(less or 0)


def _columns(sample: Sample, variable: Variable, a: Mask, b: Mask, rule: Rule, design_df: float) -> dict[str, Numbers]:
    measure = variable.sums
    in_a, in_b = a[:, measure.place].astype(float), b[:, measure.place].astype(float)
    is_total = variable.statistic in TOTALS
    sides = [_side(measure, mask, is_total) for mask in (in_a, in_b)]
    (m_a, y_a, x_a), (m_b, y_b, x_b) = sides
    weighted = np.zeros(a.shape)
    weighted[:, measure.place] = measure.weighted * np.maximum(in_a, in_b)
    has_rows = np.zeros(a.shape)
    has_rows[:, measure.place] = measure.n * np.maximum(in_a, in_b)
    df = degrees_of_freedom(rule, sample, weighted, design_df)
    k, factor = t_quantile(df, rule.level), average_factor(sample, has_rows)
    difference = m_a - m_b
    if sample.replicates is None:
        variance = variances(sample, measure, y_a - y_b, x_a - x_b) * factor
    else:
        again = [replicated_sides(sample.replicates, measure, mask, is_total) for mask in (in_a, in_b)]
        variance = sample.replicates.variance(again[0] - again[1], difference)
    error = np.sqrt(variance)
    columns = {
        "estimate_a": m_a + measure.shift,
        "estimate_b": m_b + measure.shift,
        "respondents_a": in_a @ measure.n,
        "respondents_b": in_b @ measure.n,
        "difference": difference,
        "standard_error": error,
        "degrees_of_freedom": df,
        **_tested(difference, error, df),
        "ci_lower": difference - k * error,
        "ci_upper": difference + k * error,
    }
    if not is_total:
        columns |= _ratio(sample, measure, sides, factor, df, k)
    return columns


def _side(measure: Measure, mask: Numbers, is_total: bool) -> tuple[Numbers, Numbers, Numbers]:
    """The estimate of each set of cells and the coefficients of its linearised variable; see influence_total."""
    total_y, total_x = mask @ measure.sum_wy, mask @ measure.sum_wx
    with np.errstate(divide="ignore", invalid="ignore"):
        if is_total:
            return np.where(mask.any(axis=1), total_y, np.nan), mask, np.zeros_like(mask)
        estimate = total_y / np.where(total_x == 0, np.nan, total_x)
        return estimate, mask / total_x[:, None], -mask * (estimate / total_x)[:, None]


def replicated_sides(replicates: Replicates, measure: Measure, mask: Numbers, is_total: bool) -> Numbers:
    """The estimates of _side with each set of replicate weights (sets of cells × replicates)."""
    weights = replicates.weights[measure.place]
    total_y = mask @ (measure.raw_y[:, None] * weights)
    if is_total:
        return total_y
    total_x = mask @ (measure.raw_x[:, None] * weights)
    return total_y / np.where(total_x == 0, np.nan, total_x)


def _tested(value: Numbers, error: Numbers, df: Numbers) -> dict[str, Numbers]:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, value / error, np.nan)
    return {"t_statistic": t, "p_value": t_tail(t, df)}


def _ratio(
    sample: Sample, measure: Measure, sides: list[tuple[Numbers, Numbers, Numbers]], factor: Numbers, df: Numbers, k: Numbers
) -> dict[str, Numbers]:
    """The ratio of two means with its interval on the logarithm; only where both means are above 0."""
    (m_a, y_a, x_a), (m_b, y_b, x_b) = sides
    a, b = m_a + measure.shift, m_b + measure.shift
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = (a > 0) & (b > 0)
        log_ratio = np.where(positive, np.log(a / b), np.nan)
        per_a, per_b = (np.where(positive, 1 / m, np.nan)[:, None] for m in (a, b))
    if sample.replicates is None:
        forms = (y_a * per_a - y_b * per_b, x_a * per_a - x_b * per_b)
        variance = variances(sample, measure, *forms) * factor
    else:
        again = [
            measure.shift + replicated_sides(sample.replicates, measure, y != 0, is_total=False) for y in (y_a, y_b)
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = sample.replicates.variance(np.log(again[0] / again[1]), log_ratio)
    error = np.sqrt(variance)
    ratio = np.exp(log_ratio)
    tested = _tested(log_ratio, error, df)
    return {
        "mean_ratio": ratio,
        "log_ratio": log_ratio,
        "log_standard_error": error,
        "ratio_standard_error": ratio * error,
        "ratio_t_statistic": tested["t_statistic"],
        "ratio_p_value": tested["p_value"],
        "ratio_ci_lower": np.exp(log_ratio - k * error),
        "ratio_ci_upper": np.exp(log_ratio + k * error),
    }


def _rows(sample: Sample, variable: Variable, pairs: list[Pair], columns: dict[str, Numbers]) -> list[Row]:
    exists = np.isfinite(columns["difference"])
    return [
        {
            "design_id": sample.design_id,
            "measure_id": variable.measure_id,
            "measure_number": variable.measure_number,
            "statistic": variable.statistic,
            "comparison_kind": pair.kind,
            "comparison_id": pair.comparison_id,
            "family": "design" if pair.family == "design" else f"{variable.measure_id} {pair.family}",
            "breakdown_id": pair.a.breakdown_id,
            "segment_a": pair.a.segment,
            "segment_b": REST if pair.b is None else pair.b.segment,
            "segment_number_a": pair.a.segment_number,
            "segment_number_b": None if pair.b is None else pair.b.segment_number,
            **{name: number(column[place]) for name, column in columns.items()},
        }
        for place, pair in enumerate(pairs)
        if exists[place]
    ]


def _with_families(rows: list[Row]) -> Iterator[Row]:
    families: dict[str, list[Row]] = {}
    for row in rows:
        families.setdefault(row["family"], []).append(row)
    for family in families.values():
        p_values = np.array([np.nan if row["p_value"] is None else row["p_value"] for row in family])
        for row, by_holm, by_rate in zip(family, holm(p_values), benjamini_hochberg(p_values), strict=True):
            yield row | {"p_holm": number(by_holm), "p_bh": number(by_rate), "family_size": len(family)}


def number(value: float) -> float | None:
    """A value, or None where there is none."""
    return float(value) if np.isfinite(value) or np.isinf(value) else None
