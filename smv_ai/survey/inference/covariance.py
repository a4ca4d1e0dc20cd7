"""The covariance of totals of groups, from which that of any two statistics of a sample follows (see variance.py)."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, vstack

from smv_ai.survey.inference.sample import Measure, Numbers, Places, Sample
from smv_ai.survey.inference.variance import unit_terms


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
        (left, right), (mean, of_mean) = unit_terms(sample, units)
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
