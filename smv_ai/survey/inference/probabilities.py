"""Quantiles and tails, and p values adjusted for a family of tests."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincinv, chdtrc, erfc, fdtrc, ndtri

from smv_ai.survey.inference.sample import Numbers


def t_quantile(degrees_of_freedom: Numbers, level: float) -> Numbers:
    """The two-sided quantile of Student's t distribution; of the normal where the degrees of freedom are infinite.

    Not a number without degrees of freedom. Source: Abramowitz and Stegun (1964), 26.7.1.
    """
    v = np.asarray(degrees_of_freedom, dtype=float)
    with np.errstate(all="ignore"):
        x = betaincinv(v / 2, 0.5, 1 - level)
        finite = np.sqrt(v * (1 - x) / x)
    return np.where(np.isinf(v), -ndtri((1 - level) / 2), np.where(v > 0, finite, np.nan))


def t_tail(t: Numbers, degrees_of_freedom: Numbers) -> Numbers:
    """The two-sided p value of t; see t_quantile."""
    v = np.asarray(degrees_of_freedom, dtype=float)
    with np.errstate(all="ignore"):
        finite = betainc(v / 2, 0.5, v / (v + t * t))
    return np.where(np.isinf(v), erfc(np.abs(t) / np.sqrt(2)), np.where(v > 0, finite, np.nan))


def f_tail(statistic: float, numerator: float, denominator: float) -> float:
    """The p value of a statistic of the F distribution."""
    return float(fdtrc(numerator, denominator, statistic)) if numerator > 0 and denominator > 0 else float("nan")


def chi_square_tail(statistic: float, degrees_of_freedom: float) -> float:
    """The p value of a statistic of the chi-squared distribution."""
    return float(chdtrc(degrees_of_freedom, statistic)) if degrees_of_freedom > 0 else float("nan")


def holm(p_values: Numbers) -> Numbers:
    """p values so adjusted that the chance of one false finding in the family keeps the level; nan is in no family.

    Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    order, count = _order(p_values)
    steps = np.minimum(1.0, (count - np.arange(count)) * p_values[order])
    return _placed_back(p_values, order, np.maximum.accumulate(steps))


def benjamini_hochberg(p_values: Numbers) -> Numbers:
    """p values so adjusted that the share of false findings among all keeps the level; nan is in no family.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    """
    order, count = _order(p_values)
    steps = np.minimum(1.0, count * p_values[order] / (1 + np.arange(count)))
    return _placed_back(p_values, order, np.minimum.accumulate(steps[::-1])[::-1])


def _order(p_values: Numbers) -> tuple[np.ndarray, int]:
    count = int(np.isfinite(p_values).sum())
    return np.argsort(p_values, kind="stable")[:count], count


def _placed_back(p_values: Numbers, order: np.ndarray, adjusted: Numbers) -> Numbers:
    found = np.full(len(p_values), np.nan)
    found[order] = adjusted
    return found
