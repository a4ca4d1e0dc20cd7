"""Variances and covariances: the one place where they are computed from arrays.

A form is a linearised variable z = w (a y + b x), with coefficients a and b that are the same in a cell. Any statistic
of means, totals and ratios of groups is one: the coefficients say which groups and how.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, vstack

from smv_ai.survey.inference.sample import Calibration, Measure, Numbers, Places, Sample, grouped

# a variance that is 0 but for the rounding of its terms is 0
ROUNDING = 1e-13

Terms = list[tuple[Numbers, Numbers]]


def variances(sample: Sample, measure: Measure, a: Numbers, b: Numbers) -> Numbers:
    """The variance of each form; a and b are (forms × cells of the measure).

    As int_estimate_variances. Source: Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, 5.5; with
    calibrated weights of the residuals, Deville and Särndal (1992), JASA 87, 376-382, section 3.
    """
    products = [np.einsum("fc,fc->f", left, right) for left, right in _terms(sample, measure, a, b)]
    found, size = sum(products), sum(np.abs(product) for product in products)
    # where y and x cancel in each cell, nothing but the square of a rounding is left of the products
    apart = np.einsum("fc,c->f", a**2, measure.sum_wy**2) + np.einsum("fc,c->f", b**2, measure.sum_wx**2)
    return np.where(np.abs(found) <= np.maximum(ROUNDING * size, ROUNDING**2 * apart), 0.0, found)


def covariances_of_totals(sample: Sample, measure: Measure, inside: csr_matrix) -> Numbers:
    """The covariance matrix of the weighted totals of y and of x in sets of cells (2 sets × 2 sets, those of y first).

    `inside` (sets × cells of the measure) is 1 where a cell is in a set; sets may overlap. What is estimated from
    totals has the variance J V J', J its derivatives.
    """
    s = sample.scale[sample.stratum[measure.place]]
    y, x, n = measure.sum_wy, measure.sum_wx, measure.n
    totals = csr_matrix(vstack([inside.multiply(y), inside.multiply(x)]))
    coefficients = _coefficients(sample, measure, inside)
    if sample.unit is not None:
        units = _by(totals, sample.unit[measure.place], sample.unit_count)
        if coefficients is not None:
            units = units - coefficients @ sample.x_by_unit.T
        (left, right), (mean, of_mean) = _unit_terms(sample, units)
        return left @ right.T + mean @ of_mean.T
    moments = [measure.c_yy + y * y / n, measure.c_yx + y * x / n, measure.c_xx + x * x / n]
    yy, yx, xx = ((inside.multiply(s * one) @ inside.T).toarray() for one in moments)
    found = np.block([[yy, yx], [yx.T, xx]])
    of_stratum = _by(totals, sample.stratum[measure.place], len(sample.scale))
    if coefficients is not None:
        weighted = vstack([inside.multiply(s * measure.sum_wwy), inside.multiply(s * measure.sum_wwx)]).tocsr()
        mixed = weighted @ sample.x[measure.place] @ coefficients.T
        found = found - mixed - mixed.T + coefficients @ sample.x_squares @ coefficients.T
        of_stratum = of_stratum - coefficients @ sample.x_by_stratum.T
    return found - (of_stratum * (sample.scale * sample.mean_factor)) @ of_stratum.T


def _by(totals: csr_matrix, group: Places, count: int) -> Numbers:
    """Sums of the columns of a sparse matrix by group."""
    indicator = csr_matrix((np.ones(len(group)), (np.arange(len(group)), group)), shape=(len(group), count))
    return (totals @ indicator).toarray()


def _coefficients(sample: Sample, measure: Measure, inside: csr_matrix) -> Numbers | None:
    """B of the regression of each total's u on the margins' indicators, where weights are calibrated."""
    if sample.calibration is None:
        return None
    calibration = sample.calibration
    fits = csr_matrix(vstack([inside.multiply(measure.fit_y), inside.multiply(measure.fit_x)]))
    return (
        _by(fits, calibration.cell[measure.place], len(calibration.weights))
        @ calibration.indicators
        @ calibration.inverse
    )


def average_factor(sample: Sample, has_rows: Numbers) -> Numbers:
    """What variances are multiplied by where strata with one unit get the mean variance of the others (`average`).

    `has_rows` (forms × cells of the sample) is above 0 where a form has rows. As the macro average_factor; with
    calibrated weights every stratum has a part in the residuals.
    """
    if sample.lonely_rule != "average":
        return np.ones(len(has_rows))
    strata = grouped(has_rows, sample.stratum, len(sample.scale)) > 0
    if sample.calibration is not None:
        strata = np.ones_like(strata)
    count, lonely = strata.sum(axis=1), (strata & sample.is_lonely).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > lonely, count / (count - lonely), np.nan)


def _terms(sample: Sample, measure: Measure, a: Numbers, b: Numbers) -> Terms:
    """Pairs of matrices (forms × …) whose products add up to the covariances."""
    z = a * measure.sum_wy + b * measure.sum_wx
    if sample.calibration is not None:
        return _residual_terms(sample, measure, a, b, z)
    if sample.unit is not None:
        return _unit_terms(sample, grouped(z, sample.unit[measure.place], sample.unit_count))
    s = sample.scale[sample.stratum[measure.place]]
    return _moments(measure, s, a, b) + _between(sample, measure, z)


def _moments(measure: Measure, s: Numbers, a: Numbers, b: Numbers) -> Terms:
    """Squares of z about its mean in the cell."""
    return [
        (a * (s * measure.c_yy) + b * (s * measure.c_yx), a),
        (a * (s * measure.c_yx) + b * (s * measure.c_xx), b),
    ]


def _between(sample: Sample, measure: Measure, z: Numbers) -> Terms:
    """Of respondents that are units of their own: the squares of cell means about the mean of the stratum.

    Units without a row in the form count with 0.
    """
    strata, stratum, n = len(sample.scale), sample.stratum[measure.place], measure.n
    mean = grouped(z, stratum, strata) * sample.mean_factor
    deviation = z / n - mean[:, stratum]
    others = sample.units - np.bincount(stratum, weights=n, minlength=strata)
    return [(deviation * (sample.scale[stratum] * n), deviation), (mean * (sample.scale * others), mean)]


def _unit_terms(sample: Sample, units: Numbers) -> Terms:
    """The same, of sampling units; `units` is (forms × units)."""
    assert sample.unit is not None
    stratum = np.zeros(units.shape[1], dtype=np.int64)
    stratum[sample.unit] = sample.stratum
    mean = grouped(units, stratum, len(sample.scale)) * sample.mean_factor
    deviation = units - mean[:, stratum]
    others = sample.units - np.bincount(stratum, minlength=len(sample.scale))
    return [(deviation * sample.scale[stratum], deviation), (mean * (sample.scale * others), mean)]


def _residual_terms(sample: Sample, measure: Measure, a: Numbers, b: Numbers, z: Numbers) -> Terms:
    """Of calibrated weights: z - w g, with g what the margins predict of z/w, also in rows outside the form."""
    assert sample.calibration is not None
    place = measure.place
    predicted = _predicted(sample.calibration, a * measure.fit_y + b * measure.fit_x, place)
    # several answers may stand in one cell
    residual = grouped(z, place, len(sample.n)) - predicted * sample.sum_w
    if sample.unit is not None:
        return _unit_terms(sample, grouped(residual, sample.unit, sample.unit_count))
    s, strata = sample.scale[sample.stratum], len(sample.scale)
    here, s_here = predicted[:, place], s[place]
    weighted = a * measure.sum_wwy + b * measure.sum_wwx
    of_stratum = grouped(residual, sample.stratum, strata)
    return [
        *_moments(measure, s_here, a, b),
        (z * (s_here / measure.n), z),
        (-here * s_here, weighted),
        (-weighted * s_here, here),
        (predicted * (s * sample.sum_ww), predicted),
        (-of_stratum * (sample.scale * sample.mean_factor), of_stratum),
    ]


def _predicted(calibration: Calibration, u: Numbers, place: Places) -> Numbers:
    """x'B of each cell of the sample, B the regression of u = z/w on the margins' indicators over all rows."""
    totals = grouped(u, calibration.cell[place], len(calibration.weights))
    coefficients = totals @ calibration.indicators @ calibration.inverse
    return (coefficients @ calibration.indicators.T)[:, calibration.cell]
