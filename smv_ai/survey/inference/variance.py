"""Variances: the one place where they are computed from arrays.

A form is a linearised variable z = w (a y + b x), with coefficients a and b that are the same in a cell. Any statistic
of means, totals and ratios of groups is one: the coefficients say which groups and how.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smv_ai.survey.inference.sample import ROUNDING, Measure, Numbers, Places, Sample, grouped


@dataclass(frozen=True)
class Forms:
    """Forms by their coefficients that are not 0: each of one form, in one row of the measure (a cell's sums).

    A group has a small part of the cells, so that this is much less than a matrix of forms by cells.
    """

    count: int
    form: Places
    row: Places
    a: Numbers
    b: Numbers

    @classmethod
    def of(cls, a: Numbers, b: Numbers) -> Forms:
        """From matrices of coefficients (forms × rows of the measure)."""
        form, row = np.nonzero((a != 0) | (b != 0) | np.isnan(a) | np.isnan(b))
        return cls(len(a), form, row, a[form, row], b[form, row])

    def sums(self, values: Numbers) -> Numbers:
        """Sums by form of a value for each coefficient."""
        return np.bincount(self.form, values, self.count).astype(np.float64, copy=False)

    def sums_by(self, group: Places, groups: int, values: Numbers) -> Numbers:
        """Sums by form and group (forms × groups) of a value for each coefficient; `group` is that of each."""
        sums = np.bincount(self.form * groups + group, values, self.count * groups).astype(np.float64, copy=False)
        return sums.reshape(self.count, groups)


def variances(sample: Sample, measure: Measure, forms: Forms) -> Numbers:
    """The variance of each form.

    As int_estimate_variances. Source: Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, 5.5; with
    calibrated weights of the residuals, Deville and Särndal (1992), JASA 87, 376-382, section 3.
    """
    terms = _terms(sample, measure, forms)
    found, size = sum(terms), sum(np.abs(term) for term in terms)
    # where y and x cancel in each cell, nothing but the square of a rounding is left of the products
    apart = forms.sums((forms.a * measure.sum_wy[forms.row]) ** 2 + (forms.b * measure.sum_wx[forms.row]) ** 2)
    # no sum of squares is below 0
    return np.where(found <= np.maximum(ROUNDING * size, ROUNDING**2 * apart), 0.0, found)


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


def _terms(sample: Sample, measure: Measure, forms: Forms) -> list[Numbers]:
    """What adds up to the variance of each form."""
    z = forms.a * measure.sum_wy[forms.row] + forms.b * measure.sum_wx[forms.row]
    if sample.calibration is not None:
        return _residual_terms(sample, measure, forms, z)
    if sample.unit is not None:
        units = forms.sums_by(sample.unit[measure.place[forms.row]], sample.unit_count, z)
        return [_products(left, right) for left, right in unit_terms(sample, units)]
    s = sample.scale[sample.stratum[measure.place]]
    about_mean = (measure.c_yy, measure.c_yx, measure.c_xx)
    return [_squares(about_mean, forms, s), *_between(sample, measure, forms, z)]


def _products(left: Numbers, right: Numbers) -> Numbers:
    return np.einsum("fc,fc->f", left, right)


def _squares(products: tuple[Numbers, Numbers, Numbers], forms: Forms, s: Numbers) -> Numbers:
    """Squares of z from the sums of squares and products yy, yx, xx of wy and wx; `s` is the scale of each row."""
    (yy, yx, xx), a, b, row = products, forms.a, forms.b, forms.row
    return forms.sums(s[row] * (a * a * yy[row] + 2 * (a * b) * yx[row] + b * b * xx[row]))


def _between(sample: Sample, measure: Measure, forms: Forms, z: Numbers) -> list[Numbers]:
    """Of respondents that are units of their own: the squares of cell means about the mean of the stratum.

    Units without a row in the form count with 0.
    """
    strata, stratum, n = len(sample.scale), sample.stratum[measure.place[forms.row]], measure.n[forms.row]
    mean = forms.sums_by(stratum, strata, z) * sample.mean_factor
    deviation = z / n - mean[forms.form, stratum]
    others = sample.units - forms.sums_by(stratum, strata, n)
    return [forms.sums(sample.scale[stratum] * n * deviation**2), _products(mean * (sample.scale * others), mean)]


def unit_terms(sample: Sample, units: Numbers) -> list[tuple[Numbers, Numbers]]:
    """The same, of sampling units, as pairs of matrices whose products add up; `units` is (forms × units)."""
    assert sample.unit is not None
    stratum = np.zeros(units.shape[1], dtype=np.int64)
    stratum[sample.unit] = sample.stratum
    mean = grouped(units, stratum, len(sample.scale)) * sample.mean_factor
    deviation = units - mean[:, stratum]
    others = sample.units - np.bincount(stratum, minlength=len(sample.scale))
    return [(deviation * sample.scale[stratum], deviation), (mean * (sample.scale * others), mean)]


def _residual_terms(sample: Sample, measure: Measure, forms: Forms, z: Numbers) -> list[Numbers]:
    """Of calibrated weights: z - w g, with g what the margins predict of z/w, also in rows outside the form.

    g is one number in a cell, so that squares of residuals are those of z about w u, with u the fit of z by w in the
    row of the measure, and w² (u - g)²: nothing of size cancels where the margins predict an answer exactly.
    """
    form, row = forms.form, forms.row
    cell, cells = measure.place[row], len(sample.n)
    coefficients = _regressed(sample, forms, cell, forms.a * measure.fit_y[row] + forms.b * measure.fit_x[row])
    if sample.unit is not None:
        units = forms.sums_by(sample.unit[cell], sample.unit_count, z) - coefficients @ sample.x_by_unit.T
        return [_products(left, right) for left, right in unit_terms(sample, units)]
    s = sample.scale[sample.stratum]
    predicted = coefficients @ sample.x.T
    about = (forms.a * measure.fitted_y[row] + forms.b * measure.fitted_x[row]) - predicted[form, cell]
    # several answers may stand in one cell
    is_whole = forms.sums_by(cell, cells, measure.n[row]) >= sample.n
    outside = np.where(is_whole, 0.0, sample.sum_ww - forms.sums_by(cell, cells, measure.sum_ww[row]))
    strata = len(sample.scale)
    of_stratum = forms.sums_by(sample.stratum[cell], strata, z) - coefficients @ sample.x_by_stratum.T
    return [
        _squares(measure.about_fit, forms, s[measure.place]),
        forms.sums(s[cell] * measure.sum_ww[row] * about**2),
        (outside * predicted**2) @ s,
        -(of_stratum**2 @ (sample.scale * sample.mean_factor)),
    ]


def _regressed(sample: Sample, forms: Forms, cell: Places, u: Numbers) -> Numbers:
    """B of the regression of u = z/w on the margins' indicators over all rows (forms × targets)."""
    assert sample.calibration is not None
    calibration = sample.calibration
    totals = forms.sums_by(calibration.cell[cell], len(calibration.weights), u)
    return totals @ calibration.indicators @ calibration.inverse
