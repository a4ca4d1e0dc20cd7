"""Small surveys at random, with tables of a question, and what an attacker proves about a hidden count of them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from smv_ai.survey.disclosure.other_answers import FORBIDDEN, REFUTED, Search
from smv_ai.survey.disclosure.tabulated import Figures, Past, Question

THRESHOLD = 5
QUANTILE = 1.96
EMPTY = ("number", "measure", "value", "error", "lower_half", "upper_half", "factor", "step")


def least_step(error: float, worth: float) -> float:
    """As the macro released_step, in per cent."""
    unit = 10 ** np.floor(np.log10(worth) + 1e-9)
    wide = unit * next(size for size in (1, 2, 5, 10) if worth <= size * unit * 1.000001)
    return max(0.01, 10 ** (np.floor(np.log10(error) + 1e-9) - 1) if error > 1e-9 else 0, wide)


def random_question(seed: int) -> Question:
    """Answers of some 20 to 400 firms by stratum, sector and size, in tables of one and of two columns."""
    random = np.random.default_rng(seed)
    strata, sectors, sizes, codes = (int(random.integers(*ends)) for ends in ((1, 4), (2, 6), (2, 4), (2, 5)))
    cells = np.array(list(itertools.product(range(strata), range(sectors), range(sizes))))
    rare = random.dirichlet(np.linspace(0.3, 3, codes))
    answers = np.array([random.multinomial(random.poisson(random.uniform(1, 12)), rare) for _ in cells], dtype=float).T
    weights = random.uniform(1, 20, strata).round(1)[cells[:, 0]]
    groups = [np.zeros(len(cells), dtype=int), cells[:, 1], cells[:, 2], cells[:, 1] * sizes + cells[:, 2]]
    measures = codes if codes > 2 else 1
    scores = np.eye(codes)[:measures] if codes > 2 else np.array([[0.0, 1.0]])
    place, keys = np.full((measures, len(groups), len(cells)), -1), []
    for measure, (breakdown, group) in itertools.product(range(measures), enumerate(groups)):
        for segment in range(group.max() + 1):
            place[measure, breakdown, group == segment] = len(keys)
            keys.append(measure)
    units = np.maximum(np.bincount(cells[:, 0], answers.sum(axis=0)), 2)
    figures = empty_figures(np.array(keys))
    question = Question(
        cells=np.arange(len(cells)), codes=np.arange(codes), answers=answers, weights=weights, strata=cells[:, 0],
        units=units, scales=0.9 * units / (units - 1), scores=scores, place=place, figures=figures, threshold=THRESHOLD,
    )  # fmt: skip
    release(question)
    return question


def empty_figures(measure: np.ndarray) -> Figures:
    """Figures of which nothing is known but the measure."""
    count = len(measure)
    return Figures(
        **{name: np.zeros(count) for name in EMPTY} | {"number": np.arange(count), "measure": measure},
        **{name: np.zeros(count, dtype=bool) for name in Figures.__annotations__ if name.startswith("is_")},
    )


def release(question: Question) -> None:
    """Work out the figures, and hide those of few firms and of rare answers."""
    figures, every = question.figures, np.arange(len(question.figures.number))
    value, variance = question.variances(every, question.moments(every, question.answers))
    firms = (question.inside @ question.answers.T).sum(axis=1)
    rarest = np.minimum(*question.sides)
    figures.factor[:], figures.value[:] = 100.0, 100 * np.nan_to_num(value)
    figures.error[:] = 100 * np.sqrt(np.nan_to_num(variance))
    figures.lower_half[:] = figures.upper_half[:] = QUANTILE * figures.error
    largest = (question.inside * question.weights).max(axis=1)
    worth = 300 * largest / np.maximum((question.inside @ (question.answers * question.weights).T).sum(axis=1), 1e-9)
    figures.step[:] = [least_step(error, wide) for error, wide in zip(figures.error, worth, strict=True)]
    figures.is_rare[:] = (rarest > 0) & (rarest < THRESHOLD) & (firms >= THRESHOLD)
    figures.is_hidden[:] = figures.is_rare | (firms < THRESHOLD)
    figures.is_shown[:] = ~figures.is_hidden


def bounds(
    question: Question, place: int, releases: list[tuple[Question, np.ndarray, np.ndarray]], is_told: bool
) -> tuple[int, int]:
    """The least and the most that a hidden count can be, by a whole-number programme over all that is shown.

    releases: each with the steps and what is shown. The attacker knows weights, the number of firms of every cell, the
    digits of every share, the number of firms of an answer that is a group of tables, too, that an answer that is shown
    is of nobody or of enough firms, who has answered otherwise since, and, where told, which are hidden for a rare
    answer.
    """
    answers, score = question.answers, question.scores[question.figures.measure]
    rows, ends = [], []
    for then, steps, is_shown in releases:
        known = (answers - then.answers).ravel()  # who has answered otherwise since, the attacker knows
        for figure in np.flatnonzero(is_shown | (then.figures.is_rare & is_told)):
            inside, high, low = then.inside[figure], then.sides[0][figure], then.sides[1][figure]
            count = np.outer(score[figure], 1.0 * inside).ravel()
            if is_shown[figure]:
                worth = np.outer(score[figure], 100 * then.weights * inside / then.sizes[figure]).ravel()
                shown = np.round(then.figures.value[figure] / steps[figure]) * steps[figure]
                rows.append(worth)
                ends.append(shown + np.array([-1, 1]) * steps[figure] / 2 * (1 + 1e-9) + worth @ known)
                few = (high, high) if min(high, low) < 1 else (THRESHOLD, high + low - THRESHOLD)
            elif high + low < 2 * THRESHOLD:  # so few firms in all that either answer may be the rare one
                few = (1, high + low - 1)
            else:
                few = (1, THRESHOLD - 1) if high < low else (high + low - THRESHOLD + 1, high + low - 1)
            rows.append(count)
            ends.append(np.array(few) + count @ known)
        for figure in np.flatnonzero(then.figures.is_counted):
            rows.append(np.outer(score[figure], 1.0 * then.inside[figure]).ravel())
            ends.append(np.repeat(then.sides[0][figure], 2) + rows[-1] @ known)
    same_firms = np.tile(np.eye(answers.shape[1]), (1, len(answers)))
    limits = [LinearConstraint(same_firms, answers.sum(axis=0), answers.sum(axis=0))]
    if rows:
        limits.append(LinearConstraint(np.array(rows), *np.array(ends).T))
    count = np.outer(score[place], 1.0 * question.inside[place]).ravel()
    found = []
    for side in (1, -1):
        result = milp(
            side * count, constraints=limits, bounds=Bounds(0, np.tile(answers.sum(axis=0), len(answers))),
            integrality=np.ones(count.size), options={"node_limit": 2000},
        )  # fmt: skip
        assert result.x is not None, result.message
        found.append(round(float(count @ np.round(result.x))))
    return found[0], found[1]


def least_left(question: Question, search: Search, most: int, earlier: Sequence[tuple[Question, Search]] = ()) -> int:
    """How many values the attacker leaves to the hidden rare answer that has fewest; of so many that are tried.

    Counts of which the product itself names no worlds for those who are told so much are left out.
    """
    figures = question.figures
    wide = [world.shifts for world in search.worlds if world.price >= (REFUTED if earlier else FORBIDDEN)]
    hidden = [place for place in np.flatnonzero(figures.is_rare) if not any(shifts[place] for shifts in wide)]
    tried = np.random.default_rng(len(hidden)).permutation(hidden)[:most]
    left = [99]
    for place in tried:
        releases = [(then, found.step, found.is_shown) for then, found in [*earlier, (question, search)]]
        least, highest = bounds(question, int(place), releases, is_told=not earlier)
        assert least <= question.sides[0][place] <= highest
        left.append(highest - least + 1)
    return min(left)


def next_release(question: Question, released: list[tuple[Question, Search]], seed: int) -> Question:
    """The same firms, of whom some answer otherwise now, after these releases."""
    random = np.random.default_rng(seed)
    answers = question.answers.copy()
    for _ in range(random.integers(1, 4)):
        leaves, cell = random.choice(np.argwhere(answers > 0))
        answers[leaves, cell] -= 1
        answers[random.integers(len(answers)), cell] += 1
    return _released_after(question, answers, released)


def shown_at_last(question: Question, released: list[tuple[Question, Search]], place: int) -> Question | None:
    """The same firms, of whom so many answer otherwise now that a hidden rare answer reaches the threshold.

    None where there are too few firms.
    """
    answers, scores = question.answers.copy(), question.scores[question.figures.measure[place]]
    high, low = (side[place] for side in question.sides)
    lacking = THRESHOLD - int(min(high, low))
    gives, gets = (np.flatnonzero(scores == score) for score in ((0, 1) if high < low else (1, 0)))
    for cell, leaves in itertools.product(np.flatnonzero(question.inside[place]), gives):
        moved = min(lacking, int(answers[leaves, cell]))
        answers[leaves, cell] -= moved
        answers[gets[0], cell] += moved
        lacking -= moved
    return None if lacking else _released_after(question, answers, released)


def _released_after(question: Question, answers: np.ndarray, released: list[tuple[Question, Search]]) -> Question:
    """The question with other answers, and the memory of releases."""
    later = dataclasses.replace(question, answers=answers, figures=empty_figures(question.figures.measure))
    release(later)
    shown = [(place, before, search) for before, search in released for place in np.flatnonzero(search.is_shown)]
    later.past = Past(
        np.array([place for place, *_ in shown], dtype=int),
        np.array([before.figures.value[place] for place, before, _ in shown]),
        np.array([search.step[place] for place, _, search in shown]),
        np.array([later.sizes[place] / before.sizes[place] for place, before, _ in shown]),
        np.array([max(min(side[place] for side in before.sides) - THRESHOLD, 0) for place, before, _ in shown]),
        np.unique([place for _, search in released for place in np.flatnonzero(search.is_hidden)]).astype(int),
    )
    return later
