"""What the quality grade of a figure tells: on which side of the limits of a rule its value and its error lie.

A figure that is shown, and one that is withheld as unreliable, must have their grade in all worlds; else they are
hidden as confidential, which says nothing of either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from smv_ai.survey.disclosure.other_answers import Search
from smv_ai.survey.disclosure.tabulated import Array, Flags, Graded, Places, Question, half_widths
from smv_ai.survey.inference.reading import Table

EXACT = 1 - 1e-9  # a limit that is met exactly, up to the order of a sum


@dataclass(frozen=True)
class World:
    """Figures in a world: value, error over the error that they have, half widths, variance of the answers."""

    value: Array
    ratio: Array
    lower_half: Array
    upper_half: Array
    spread: Array


def graded(figures: Table, rules: Table | None) -> Graded:
    """The figures as the engine has them, unrounded, and the limits of the rules of their design."""
    value = figures["engine_value"].astype(float)
    return Graded(
        statistic=np.where(figures["statistic"] == "total", "amount", figures["statistic"].astype(str)),
        value=value,
        error=figures["engine_error"].astype(float),
        lower_half=value - figures["engine_lower"].astype(float),
        upper_half=figures["engine_upper"].astype(float) - value,
        effective=figures["effective_sample_size"].astype(float),
        limits=[] if rules is None else _limits(rules),
    )


def _limits(rules: Table) -> list[tuple[str, str, float, float]]:
    least, below = (
        np.where(np.isnan(ends := rules[name].astype(float)), otherwise, ends)
        for name, otherwise in (("at_least", -np.inf), ("below", np.inf))
    )
    return [
        (str(statistic), str(metric), float(low), float(high))
        for statistic, metric, low, high in zip(rules["statistic"], rules["metric"], least, below, strict=True)
    ]


def otherwise_graded(search: Search) -> Places:
    """The places of figures that are not hidden, and that break other rules in some world than they do."""
    question, known = search.question, search.question.graded
    if known is None or not known.limits:
        return np.array([], dtype=int)
    open_ = ~search.is_hidden & search.is_moved & ~question.figures.is_size
    at = np.flatnonzero(open_ & np.isfinite(known.value) & np.isfinite(known.error))
    if not len(at):
        return at
    sums, truth = question.moments(at, question.answers), _spread(question, at, question.answers)
    first_value, first_variance = question.variances(at, sums)
    now = _broken(
        known, at, World(known.value[at], np.ones(len(at)), known.lower_half[at], known.upper_half[at], truth), truth
    )
    differs = np.zeros(len(at), dtype=bool)
    for world in search.worlds:
        near = np.flatnonzero((np.abs(world.shifts[at]) > 0) & ~differs)
        if not len(near):
            continue
        there, changed = at[near], sums[:, near]
        answers = question.answers.copy()
        for cell, leaves, takes in world.moves:
            changed[:, :, question.strata[cell]] += question.change(there, cell, leaves, takes)
            answers[leaves, cell] -= 1
            answers[takes, cell] += 1
        value, variance = question.variances(there, changed)
        with np.errstate(all="ignore"):
            ratio = np.nan_to_num(np.sqrt(variance / first_variance[near]), nan=1.0, posinf=1.0)
        # up to calibration, as the errors are
        value = known.value[there] + value - first_value[near]
        lower, upper = (
            half_widths(half[there], question.figures.is_logit[there], known.value[there], value, ratio, side)
            for side, half in ((-1, known.lower_half), (1, known.upper_half))
        )
        found = World(value, ratio, lower, upper, _spread(question, there, answers))
        differs[near] = (_broken(known, there, found, truth[near]) != now[near]).any(axis=1)
    return at[differs]


def _spread(question: Question, at: Places, answers: Array) -> Array:
    """The variance of the answers of each figure."""
    scores = question.scores[question.figures.measure[at]]
    weights = (question.inside[at] @ (answers * question.weights).T) * ~np.isnan(scores)
    scores = np.nan_to_num(scores)
    size = np.maximum(weights.sum(axis=1), 1e-300)
    return (weights * scores**2).sum(axis=1) / size - ((weights * scores).sum(axis=1) / size) ** 2


def _broken(known: Graded, at: Places, world: World, spread: Array) -> Flags:
    """Which limits each figure breaks in a world; the metrics of int_estimates_graded."""
    value, error = world.value, known.error[at] * world.ratio
    width = world.lower_half + world.upper_half
    with np.errstate(all="ignore"):
        metrics = {
            "interval_width": width,
            "relative_interval_width": np.where(width > 0.05, width / value, np.nan),
            "coefficient_of_variation": error / np.abs(value),
            "distance_from_edge": np.minimum(value, 1 - value),
            # in a total the sum of weights alone decides
            "effective_sample_size": known.effective[at]
            * np.where(known.statistic[at] == "amount", 1.0, world.spread / spread / world.ratio**2),
        }
        broken = [
            (known.statistic[at] == statistic) & (metrics[metric] >= low * EXACT) & (metrics[metric] < high * EXACT)
            for statistic, metric, low, high in known.limits
            if metric in metrics
        ]
    return np.array(broken).reshape(-1, len(at)).T
