"""Variances and covariances of linearised variables: the one place where they are computed from arrays.

A form is a linearised variable z = w (a y + b x), with coefficients a and b that are the same in a cell. Any statistic
of means, totals and ratios of groups is one: the coefficients say which groups and how.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from smv_ai.survey.inference.sample import Calibration, Measure, Numbers, Sample, grouped

# a variance that is 0 but for the rounding of its terms is 0
ROUNDING = 1e-13

Product = Callable[[Numbers, Numbers], Numbers]


def variances(sample: Sample, measure: Measure, a: Numbers, b: Numbers) -> Numbers:
    """The variance of each form; a and b are (forms × cells of the measure).

    As int_estimate_variances. Source: Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, 5.5; with
    calibrated weights of the residuals, Deville and Särndal (1992), JASA 87, 376-382, section 3.
    """
    return _products(sample, measure, a, b, lambda left, right: np.einsum("fc,fc->f", left, right))


def covariances(sample: Sample, measure: Measure, a: Numbers, b: Numbers) -> Numbers:
    """The covariance matrix of the forms (forms × forms); see variances."""
    return _products(sample, measure, a, b, lambda left, right: left @ right.T)


def average_factor(sample: Sample, has_rows: Numbers) -> Numbers:
    """What variances are multiplied by where strata with one unit get the mean variance of the others (`average`).

    `has_rows` (forms × cells of the sample) is above 0 where a form has rows. As the macro average_factor.
    """
    if sample.lonely_rule != "average":
        return np.ones(len(has_rows))
    strata = grouped(has_rows, sample.stratum, len(sample.scale)) > 0
    if sample.calibration is not None:
        strata = np.ones_like(strata)
    count, lonely = strata.sum(axis=1), (strata & sample.is_lonely).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > lonely, count / (count - lonely), np.nan)


def _products(sample: Sample, measure: Measure, a: Numbers, b: Numbers, product: Product) -> Numbers:
    z = a * measure.sum_wy + b * measure.sum_wx
    if sample.calibration is not None:
        return _residual_products(sample, measure, a, b, z, product)
    if sample.unit is not None:
        units = grouped(z, sample.unit[measure.place], int(sample.unit.max()) + 1)
        return _unit_products(sample, units, product)
    s = sample.scale[sample.stratum[measure.place]]
    within = _moments(measure.c_yy, measure.c_yx, measure.c_xx, s, a, b, product)
    return within + _between(sample, z, measure.n, measure.place, product)


def _moments(
    c_yy: Numbers, c_yx: Numbers, c_xx: Numbers, s: Numbers, a: Numbers, b: Numbers, product: Product
) -> Numbers:
    squares = product(a * (s * c_yy), a) + product(b * (s * c_xx), b)
    mixed = product(a * (s * c_yx), b) + product(b * (s * c_yx), a)
    return np.where(np.abs(squares + mixed) <= ROUNDING * np.abs(squares), 0.0, squares + mixed)


def _between(sample: Sample, z: Numbers, n: Numbers, place: np.ndarray, product: Product) -> Numbers:
    """Of respondents that are units of their own: the squares of cell means about the mean of the stratum.

    Units without a row in the form count with 0.
    """
    strata, stratum = len(sample.scale), sample.stratum[place]
    mean = grouped(z, stratum, strata) * sample.mean_factor
    deviation = z / n - mean[:, stratum]
    others = sample.units - np.bincount(stratum, weights=n, minlength=strata)
    return product(deviation * (sample.scale[stratum] * n), deviation) + product(mean * (sample.scale * others), mean)


def _unit_products(sample: Sample, units: Numbers, product: Product) -> Numbers:
    """The same, of sampling units; `units` is (forms × units)."""
    assert sample.unit is not None
    stratum = np.zeros(units.shape[1], dtype=np.int64)
    stratum[sample.unit] = sample.stratum
    mean = grouped(units, stratum, len(sample.scale)) * sample.mean_factor
    deviation = units - mean[:, stratum]
    others = sample.units - np.bincount(stratum, minlength=len(sample.scale))
    return product(deviation * sample.scale[stratum], deviation) + product(mean * (sample.scale * others), mean)


def _residual_products(
    sample: Sample, measure: Measure, a: Numbers, b: Numbers, z: Numbers, product: Product
) -> Numbers:
    """Of calibrated weights: z - w g, with g what the margins predict of z/w, also in rows outside the form."""
    calibration, place = sample.calibration, measure.place
    assert calibration is not None
    predicted = _predicted(calibration, a * measure.fit_y + b * measure.fit_x, measure)
    # several answers may stand in one cell
    placed = grouped(z, place, len(sample.n))
    residual = placed - predicted * sample.sum_w
    if sample.unit is not None:
        count = int(sample.unit.max()) + 1
        found, uncorrected = (grouped(one, sample.unit, count) for one in (residual, placed))
        return _cleaned(_unit_products(sample, found, product), _unit_products(sample, uncorrected, product))
    s, n = sample.scale[sample.stratum], sample.n
    s_here = s[place]
    squares = _moments(measure.c_yy, measure.c_yx, measure.c_xx, s_here, a, b, product)
    raw = squares + product(z * (s_here / measure.n), z)
    weighted = a * measure.sum_wwy + b * measure.sum_wwx
    mixed = product(predicted[:, place] * s_here, weighted) + product(weighted * s_here, predicted[:, place])
    fitted = product(predicted * (s * sample.sum_ww), predicted)
    within = raw - mixed + fitted - product(residual * (s / n), residual)
    every = np.arange(len(n))
    return _cleaned(within + _between(sample, residual, n, every, product), raw + fitted)


def _predicted(calibration: Calibration, u: Numbers, measure: Measure) -> Numbers:
    """x'B of each cell of the sample, B the regression of u = z/w on the margins' indicators over all rows."""
    totals = grouped(u, calibration.cell[measure.place], len(calibration.weights))
    coefficients = totals @ calibration.indicators @ calibration.inverse
    return (coefficients @ calibration.indicators.T)[:, calibration.cell]


def _cleaned(found: Numbers, terms: Numbers) -> Numbers:
    return np.where(np.abs(found) <= ROUNDING * np.abs(terms), 0.0, found)
