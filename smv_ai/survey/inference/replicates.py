"""Variances from replicate weights: the statistic is computed again with each set of weights.

Source: Wolter (2007), Introduction to Variance Estimation, chapters 3 to 5; Judkins (1990), Journal of Official
Statistics 6, 223-239 (Fay); Rao and Wu (1988), JASA 83, 231-241 (bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from smv_ai.survey.inference.sample import ROUNDING, Measure, Numbers, Places

# singular values below this part of the largest count as 0
NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class Replicates:
    """Replicate weights of the cells of a sample, each of which is one respondent.

    `weights` (cells × replicates) are analysis weights, `rscales` the factor of each replicate. Deviations are taken
    from the estimate where `is_mse`, else from the mean of the replicates.
    """

    weights: Numbers
    rscales: Numbers
    scale: float
    is_mse: bool
    _ranks: dict[bytes, int] = field(default_factory=dict, compare=False)

    def variance(self, replicated: Numbers, estimate: Numbers, size: Numbers | None = None) -> Numbers:
        """The variance of each statistic from its values by replicate (… × replicates).

        `size` is how large the numbers are that a statistic is a difference of: what rounding leaves of them is 0.
        """
        deviations = self._deviations(replicated, estimate)
        found = self.scale * (deviations**2 @ self.rscales)
        apart = self.scale * ((replicated if size is None else size) ** 2 @ self.rscales)
        return np.where(found <= ROUNDING**2 * apart, 0.0, found)

    def covariance(self, replicated: Numbers, estimate: Numbers) -> Numbers:
        """The covariance matrix of statistics (statistics × replicates)."""
        deviations = self._deviations(replicated, estimate)
        return self.scale * (deviations * self.rscales) @ deviations.T

    def degrees_of_freedom(self, rows: Numbers) -> float:
        """The rank of the replicate weights of the rows that are above 0, less one."""
        chosen = rows > 0
        key = np.packbits(chosen).tobytes()
        if key not in self._ranks:
            part = self.weights[chosen]
            product = part.T @ part if part.shape[0] > part.shape[1] else part @ part.T
            values = np.linalg.eigvalsh(product) if part.size else np.zeros(0)
            self._ranks[key] = int((values > NEGLIGIBLE**2 * values.max(initial=0)).sum())
        return float(self._ranks[key] - 1)

    def _deviations(self, replicated: Numbers, estimate: Numbers) -> Numbers:
        centre = estimate if self.is_mse else replicated[..., self.rscales > 0].mean(axis=-1)
        # the logarithm of a mean of 0 has no deviation
        with np.errstate(invalid="ignore"):
            return replicated - np.asarray(centre)[..., None]


def jackknife(
    weights: Numbers, stratum: Places, unit: Places, units: Numbers, population_left: Numbers, *, is_mse: bool
) -> Replicates:
    """Replicates that leave out one sampling unit each.

    `weights`, `stratum` and `unit` are by cell; `units` and `population_left`, (N - n)/N or 1, by stratum. Strata with
    one unit give no replicate. Source: Wolter (2007), 4.5.
    """
    stratum_of_unit = np.zeros(int(unit.max()) + 1, dtype=np.int64)
    stratum_of_unit[unit] = stratum
    left_out = np.flatnonzero(units[stratum_of_unit] >= 2)
    own = stratum_of_unit[left_out]
    n = units[own]
    in_stratum, in_unit = stratum[:, None] == own, unit[:, None] == left_out
    factor = np.where(in_unit, 0.0, np.where(in_stratum, n / (n - 1), 1.0))
    return Replicates(weights[:, None] * factor, (n - 1) / n * population_left[own], 1.0, is_mse)


def replicated_sides(
    replicates: Replicates, measure: Measure, mask: Numbers, is_total: bool, offset: Numbers | None = None
) -> Numbers:
    """The estimates with each set of replicate weights (sets of cells × replicates).

    `offset` (sets × cells) is what the sums of y are counted from.
    """
    weights = replicates.weights[measure.place]
    total_y = mask @ (measure.raw_y[:, None] * weights)
    if offset is not None:
        total_y += offset @ (measure.raw_x[:, None] * weights)
    if is_total:
        return total_y
    total_x = mask @ (measure.raw_x[:, None] * weights)
    return total_y / np.where(total_x == 0, np.nan, total_x)
