"""The factors by which weights are multiplied so that they add up to what is known of the population.

Source: Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87, 376-382; for scaling to one
margin after the other Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from smv_ai.survey.inference.sample import Numbers, Places

AT_REST = 1e-14
MOST_STEPS = 100


@dataclass(frozen=True)
class Problem:
    """What weights of cells must add up to.

    `weights` (cells) are sums of design weights; `categories` (cells × margins) the place of the cell's category in
    each margin, counted over all margins; `values` (cells × numbers) are the numeric columns; `targets` are the
    population counts of the categories, then the totals of the numbers.
    """

    weights: Numbers
    categories: Places
    values: Numbers
    targets: Numbers

    @property
    def indicators(self) -> Numbers:
        """x: the indicators of the categories and the numbers (cells × targets)."""
        x = np.zeros((len(self.weights), len(self.targets)))
        np.put_along_axis(x, self.categories, 1.0, axis=1)
        x[:, len(self.targets) - self.values.shape[1] :] = self.values
        return x


def factors(method: str, problem: Problem, bounds: tuple[float, float], most_rounds: int) -> tuple[Numbers, int]:
    """The factor of each cell, and how many rounds it took; where they do not add up, the margins cannot be met.

    Methods: rake, raking, poststratify (w exp(x'b)), linear (w (1 + x'b)), truncated (the same within bounds), logit.
    Numbers beside margins are met by Newton's steps, margins alone by scaling to one after the other.
    """
    if method in ("rake", "raking", "poststratify") and not problem.values.shape[1]:
        return _scaled(problem, most_rounds)
    return _solved(problem, *_distance(method, bounds))


def _scaled(problem: Problem, most_rounds: int) -> tuple[Numbers, int]:
    factor = np.ones(len(problem.weights))
    for done in range(1, most_rounds + 1):
        before = factor.copy()
        for categories in problem.categories.T:
            sums = np.bincount(categories, problem.weights * factor, len(problem.targets))
            with np.errstate(divide="ignore", invalid="ignore"):
                # a margin of 0 gives weights of 0
                ratio = np.where((problem.targets == 0) & (sums == 0), 1.0, problem.targets / sums)
            factor = factor * ratio[categories]
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.abs(np.where(before == 0, 0.0, factor / before - 1))
        if not moved.max(initial=0) > AT_REST:
            return factor, done
    return factor, most_rounds


Curve = Callable[[Numbers], Numbers]


def _distance(method: str, bounds: tuple[float, float]) -> tuple[Curve, Curve]:
    """The factor as a function of x'b, and its slope."""
    lower, upper = bounds
    if method == "linear":
        return lambda u: 1 + u, np.ones_like
    if method == "truncated":
        return (
            lambda u: np.clip(1 + u, lower, upper),
            lambda u: ((1 + u > lower) & (1 + u < upper)).astype(float),
        )
    if method == "logit":
        steep = (upper - lower) / ((1 - lower) * (upper - 1))

        def logit(u: Numbers) -> Numbers:
            e = np.exp(np.clip(steep * u, -700, 700))
            return (lower * (upper - 1) + upper * (1 - lower) * e) / ((upper - 1) + (1 - lower) * e)

        return logit, lambda u: (logit(u) - lower) * (upper - logit(u)) / ((1 - lower) * (upper - 1))
    return np.exp, np.exp


def _solved(problem: Problem, factor: Curve, slope: Curve) -> tuple[Numbers, int]:
    """Newton's steps, halved where they lead away; they end where a step no longer brings the sums nearer."""
    x = problem.indicators
    size = np.abs(x).max(axis=0, initial=0)
    x = x / np.where(size == 0, 1.0, size)
    targets = problem.targets / np.where(size == 0, 1.0, size)
    d = problem.weights
    b = np.zeros(len(targets))
    missing = targets - x.T @ (d * factor(x @ b))
    for done in range(1, MOST_STEPS + 1):
        step = np.linalg.lstsq(x.T @ (x * (d * slope(x @ b))[:, None]), missing, rcond=1e-12)[0]
        for _ in range(40):
            found = targets - x.T @ (d * factor(x @ (b + step)))
            if np.abs(found).max(initial=0) < np.abs(missing).max(initial=0):
                break
            step = step / 2
        else:
            return factor(x @ b), done
        b, missing = b + step, found
    return factor(x @ b), MOST_STEPS
