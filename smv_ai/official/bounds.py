"""What published shares allow for another share: sharp (Fréchet) bounds by linear programming.

The unknown is how firms spread over all combinations of the events that the premises name. Each premise is a linear
constraint on it, with the rounding of the printed figure; the least and the greatest value of the target under all of
them are the bounds, and each is reached by some population. Source: Fréchet (1951), Annales de l'Université de Lyon A
14, 53–77; Manski (2003), Partial Identification of Probability Distributions.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

MOST_EVENTS = 14


@dataclass(frozen=True)
class Premise:
    """The share (per cent) of `event` among the firms of `given` (`all` for every firm) lies from `lower` to `upper`.

    Events are names joined with `and`, `or`, `not`, brackets. A premise of structure is one too:
    that text is part of any is `text and not any` from 0 to 0.
    """

    event: str
    lower: float
    upper: float
    given: str = "all"


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest value in per cent; None where no population meets all premises."""

    lower: float | None
    upper: float | None


def names_in(event: str) -> set[str]:
    """The events that an expression names. Raises ValueError where it is none."""
    return {node.id for node in ast.walk(_tree(event)) if isinstance(node, ast.Name)} - {"all"}


def _tree(event: str) -> ast.expr:
    try:
        tree = ast.parse(event.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"'{event}' is no event; names joined with and, or, not and brackets") from error
    allowed = (ast.Name, ast.BoolOp, ast.UnaryOp, ast.And, ast.Or, ast.Not, ast.Load)
    for node in ast.walk(tree):
        if not isinstance(node, allowed):
            raise ValueError(f"'{event}' is no event; names joined with and, or, not and brackets")
    return tree


def _holds(tree: ast.expr, atoms: dict[str, np.ndarray], size: int) -> np.ndarray:
    """In which combinations of events an expression is true."""
    if isinstance(tree, ast.Name):
        return np.ones(size, bool) if tree.id == "all" else atoms[tree.id]
    if isinstance(tree, ast.UnaryOp):
        return ~_holds(tree.operand, atoms, size)
    assert isinstance(tree, ast.BoolOp)
    parts = [_holds(value, atoms, size) for value in tree.values]
    return np.logical_and.reduce(parts) if isinstance(tree.op, ast.And) else np.logical_or.reduce(parts)


def bounds(premises: Sequence[Premise], target: str, minus: str | None = None) -> Bounds:
    """Bounds of the share of firms in `target`, in per cent of all; with `minus`, of the difference in points.

    Raises ValueError for an expression that is none, or more than 14 events (16,384 combinations).
    """
    texts = [target, *([minus] if minus else []), *(text for one in premises for text in (one.event, one.given))]
    names = sorted(set().union(*(names_in(text) for text in texts)))
    if len(names) > MOST_EVENTS:
        raise ValueError(f"{len(names)} events; at most {MOST_EVENTS}")
    size = 2 ** len(names)
    atoms = {name: (np.arange(size) >> at) & 1 == 1 for at, name in enumerate(names)}

    def row(text: str) -> np.ndarray:
        return _holds(_tree(text), atoms, size)

    rows, limits = [], []
    for one in premises:
        given = row(one.given).astype(float)
        event = (row(one.event) & row(one.given)).astype(float)
        # share of event in given between lower and upper, as two linear constraints
        rows += [event - given * one.upper / 100, given * one.lower / 100 - event]
        limits += [0.0, 0.0]
    objective = row(target).astype(float) - (row(minus).astype(float) if minus else 0.0)
    found = [
        linprog(sign * objective, A_ub=np.array(rows) if rows else None, b_ub=limits or None, A_eq=np.ones((1, size)),
                b_eq=[1.0], bounds=(0, 1), method="highs")
        for sign in (1, -1)
    ]  # fmt: skip
    if any(result.status == 2 for result in found):
        return Bounds(None, None)
    if any(result.status != 0 for result in found):
        raise RuntimeError(f"the bounds of {target} were not found: {found[0].message}")
    return Bounds(round(100 * found[0].fun, 9) + 0.0, round(-100 * found[1].fun, 9) + 0.0)


def verdict(found: Bounds, lower: float, upper: float) -> str:
    """Whether a rise or a fall from a figure (from `lower` to `upper` by its rounding) is proven by the bounds."""
    if found.lower is None or found.upper is None:
        return "premises_contradict"
    if found.lower > upper:
        return "rise_proven"
    return "fall_proven" if found.upper < lower else "not_proven"
