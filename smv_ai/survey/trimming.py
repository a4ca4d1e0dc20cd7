"""Weights that are cut off at limits, with what is cut off divided over the others.

Source: Potter (1990), A study of procedures to identify and trim extreme sampling weights, Proceedings of the Survey
Research Methods Section, American Statistical Association; Lumley (2010), Complex Surveys, 7.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smv_ai.sql.quoting import double
from smv_ai.survey.description import Trim

MOST_ROUNDS = 1000


class CannotTrim(Exception):
    """No weight lies within the limits, so that nobody can take what is cut off."""


def trimmed(column: str, weights: Sequence[tuple[float, int]], trim: Trim) -> str:
    """SQL of the trimmed weight; `weights` are the different weights, rising, with their respondents.

    Raises CannotTrim. A weight is moved by a sum, or set to a limit and moved from there: neighbours that are moved
    alike share a branch.
    """
    d, n = (np.array(values, dtype=float) for values in zip(*weights, strict=True))
    moved, limit = _moved(d, n, trim)
    branches = []
    for place in range(len(d)):
        is_last = place + 1 == len(d)
        if (
            not is_last
            and moved[place + 1] == moved[place]
            and np.array_equal(limit[place : place + 1], limit[place + 1 : place + 2], equal_nan=True)
        ):
            continue
        start = column if np.isnan(limit[place]) else double(float(limit[place]))
        value = start if moved[place] == 0 else f"{start} + {double(float(moved[place]))}"
        branches.append(f"else {value}" if is_last else f"when {column} <= {double(float(d[place]))} then {value}")
    return f"case {' '.join(branches)} end" if len(branches) > 1 else branches[0].removeprefix("else ")


def _moved(d: np.ndarray, n: np.ndarray, trim: Trim) -> tuple[np.ndarray, np.ndarray]:
    lower = -np.inf if trim.lower is None else trim.lower
    upper = np.inf if trim.upper is None else trim.upper
    moved, limit, weight = np.zeros(len(d)), np.full(len(d), np.nan), d.copy()
    for _ in range(MOST_ROUNDS if trim.is_strict else 1):
        low, high = weight < lower, weight > upper
        if not (low | high).any():
            return moved, limit
        inside = ~(low | high)
        if not inside.any():
            raise CannotTrim
        share = ((weight - np.clip(weight, lower, upper)) * n).sum() / n[inside].sum()
        limit = np.where(low, lower, np.where(high, upper, limit))
        moved = np.where(inside, moved + share, 0.0)
        weight = np.where(np.isnan(limit), d, limit) + moved
        if abs(share) <= 1e-15 * np.abs(weight).max():
            break
    return moved, limit


def trimmed_weights(weights: np.ndarray, trim: Trim) -> np.ndarray:
    """The same weights trimmed, in numbers. Raises CannotTrim."""
    values, inverse, counts = np.unique(weights, return_inverse=True, return_counts=True)
    moved, limit = _moved(values, counts.astype(float), trim)
    return (np.where(np.isnan(limit), values, limit) + moved)[inverse]
