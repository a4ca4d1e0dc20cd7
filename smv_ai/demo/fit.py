"""Calibrate the answers, not the results: change single answers until the estimates lie in the printed ranges.

A move gives one respondent another answer to one item, with all that follows from it by routing and rule. For the
target that is furthest out, what each of a few hundred possible moves would do to all targets is worked out at once;
the best are made, one after the other. Where no single move helps, pairs of moves are tried: in a small region two
respondents with different weights take a step that one alone cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from smv_ai.demo.draws import random_numbers
from smv_ai.demo.questionnaire import Question, Questionnaire, Step
from smv_ai.demo.table import Table
from smv_ai.demo.targets import Target
from smv_ai.survey.codebook import RESERVED
from smv_ai.survey.plan import Plan

ROWS_TRIED = 128
ROWS_LOOKED_AT = 400
ROWS_PAIRED = 48
OUT_OF_PRINT = 9.0
ROUNDS = 2000
TRIES = 3
ATTEMPTS = 3
# Losses are compared with so many decimals: less than that is the order in which a machine adds.
DECIMALS = 12


@dataclass
class Effects:
    """Respondents, and what a move of each of them alone would add to the sums of the targets (respondent × target)."""

    rows: np.ndarray
    added: np.ndarray
    added_below: np.ndarray


@dataclass
class Moves(Effects):
    """One answer for some respondents."""

    column: str
    code: int


@dataclass
class Pool(Effects):
    """Moves to several answers; `source` is the place of each one's answer in the list that the pool was made of."""

    source: np.ndarray


class Fit:
    """Answers, targets, and what each respondent adds to each."""

    def __init__(
        self, questionnaire: Questionnaire, table: Table, targets: list[Target], weights: dict[str, np.ndarray],
        random: np.random.Generator,
    ) -> None:  # fmt: skip
        """`weights` are the final weights by design."""
        self.questionnaire, self.table, self.targets, self.random = questionnaire, table, targets, random
        self.is_bounded, self.is_counted = False, np.ones(len(targets), dtype=bool)
        self.all_numbers = np.arange(len(targets))
        self.questions = questionnaire.questions
        self.touched = {column: questionnaire.touched(column) for column in self.questions}
        # conditions on columns that no answer changes are part of the weights
        moving = set().union(*self.touched.values())
        self.conditions = [{n: v for n, v in target.conditions.items() if n in moving} for target in targets]
        self.weights = [
            weights[target.design.design_id]
            * table.fits({n: v for n, v in target.conditions.items() if n not in moving})
            for target in targets
        ]
        self.terms = np.zeros((2, len(targets), table.size))
        self.refresh(np.arange(table.size), self.all_numbers)
        printed = np.array([(target.lower, target.upper) for target in targets]).T
        self.ranges = [np.array([target.aim for target in targets]).T, printed]
        # at least what one respondent moves, so that a count in a small sample does not outweigh all others
        width = np.where(np.isfinite(printed[1]), printed[1] - printed[0], 0.0) / 2
        self.tolerance = np.maximum(width, [self._step(number) for number in range(len(targets))])
        self.numbers_touched = cache(self._numbers_touched)
        self.relevant_steps = cache(self._relevant_steps)

    def _step(self, number: int) -> float:
        """What one respondent of average weight moves in the estimate."""
        weights = self.weights[number][self.weights[number] > 0]
        mean = float(weights.mean()) if len(weights) else 1.0
        return (
            self.targets[number].scale * mean / (1.0 if self.targets[number].is_sum else max(self.below[number], mean))
        )

    def refresh(self, rows: np.ndarray, numbers: np.ndarray) -> None:
        """Work out anew what these respondents add to these targets."""
        part = self.table.take(rows)
        for number in numbers:
            self.terms[:, number, rows] = self.terms_of(number, part, rows)
        self.above, self.below = self.terms.sum(axis=2)
        self.below[[target.is_sum for target in self.targets]] = 1.0

    def terms_of(self, number: int, part: Table, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What these respondents add to the numerator and the denominator of a target."""
        return self.targets[number].terms(part, self.weights[number][rows], self.conditions[number])

    def estimates(self) -> np.ndarray:
        """The estimates as they stand; not a number where nobody is in the base."""
        return np.divide(self.above, self.below, out=np.full(len(self.above), np.nan), where=self.below > 0)

    def losses(self, above: np.ndarray, below: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """How far off, by target (last axis): 0 as aimed at; out of print weighs most.

        With x the distance in units of the tolerance it is x² at first, so that all come near; and x / (1 + x) where
        `is_bounded`, so that what cannot be met does not drag others out.
        """
        estimate = np.divide(above, below, out=np.full(above.shape, 1e9), where=below > 0)
        outside = np.zeros(above.shape)
        for (lower, upper), weight in zip(self.ranges, (1.0, OUT_OF_PRINT), strict=True):
            outside += weight * np.maximum(np.maximum(lower[numbers] - estimate, estimate - upper[numbers]), 0.0)
        outside = outside / self.tolerance[numbers] * self.is_counted[numbers]
        return np.round(outside / (1 + outside) if self.is_bounded else outside**2, DECIMALS)

    def _numbers_touched(self, column: str) -> np.ndarray:
        """The targets that a change of the column may move."""
        return np.array(
            [n for n, target in enumerate(self.targets) if self.touched[column] & target.columns], dtype=int
        )

    def _relevant_steps(self, column: str) -> list[Step]:
        """The later steps that some target depends on."""
        wanted = set().union(*(self.targets[number].columns for number in self.numbers_touched(column)))
        return self.questionnaire.steps_between(column, wanted)

    def columns_to_change(self, number: int) -> list[list[str]]:
        """For a target first the columns that its item is or is derived from, then all that it depends on."""
        target = self.targets[number]
        sources = {target.item.column} if target.item else set(target.columns)
        for step in reversed(self.questionnaire.steps):
            if step.column in sources and step.column not in self.questions:
                sources |= step.inputs
        near = sources & set(self.questions)
        wide = {column for column in self.questions if self.touched[column] & target.columns} - near
        return [sorted(columns) for columns in (near, wide) if columns]

    def _rows_to_try(self, number: int) -> np.ndarray:
        """Some respondents who may matter to a target, half of them from those who add to it now."""
        matters = self.weights[number] > 0
        adds = self.terms[0, number] != 0
        found = [self.random.permutation(np.flatnonzero(matters & side))[:ROWS_LOOKED_AT] for side in (adds, ~adds)]
        return np.concatenate(found)

    def _possible_rows(self, question: Question, code: int, rows: np.ndarray) -> np.ndarray:
        """Those of the respondents who may give this answer instead of their own; at most ROWS_TRIED from each half."""
        part = self.table.take(rows)
        values = part[question.column]
        cases = question.drawer.case_of(part, question.asked(part))
        possible = (values != code) & question.drawer.may_have(cases, np.full(part.size, code, dtype=np.int16))
        possible &= ~np.isin(values, list(set(RESERVED) - set(question.item.codes)))
        if code == 1:
            possible &= question.has_room(part)
        places = np.flatnonzero(possible)
        half = min(ROWS_LOOKED_AT, part.size)
        return rows[np.concatenate([places[places < half][:ROWS_TRIED], places[places >= half][:ROWS_TRIED]])]

    def moves(self, column: str, code: int, rows: np.ndarray, numbers: np.ndarray) -> Moves:
        """The moves of these respondents to this answer, with their effect on the targets of these numbers."""
        rows = self._possible_rows(self.questions[column], code, rows)
        changed = self.table.take(rows)
        self.questionnaire.change(changed, rows, column, code, self.relevant_steps(column))
        added = np.zeros((2, len(rows), len(numbers)))
        places = {number: place for place, number in enumerate(numbers.tolist())}
        for number in self.numbers_touched(column).tolist():
            after = np.array(self.terms_of(number, changed, rows))
            added[:, :, places[number]] = after - self.terms[:, number, rows]
        return Moves(rows, added[0], added[1], column, code)

    def make(self, column: str, code: int, rows: np.ndarray) -> None:
        """Change the answers of these respondents."""
        changed = self.table.take(rows)
        self.questionnaire.change(changed, rows, column, code, self.questionnaire.later_steps(column))
        for name in self.touched[column]:
            values = self.table[name].copy()
            values[rows] = changed[name]
            self.table[name] = values
        self.refresh(rows, self.numbers_touched(column))

    def improve(self, number: int) -> bool:
        """Make moves that bring this target nearer without driving others further out; False where none does.

        For a target that is in print already, and only near the edge, little is tried.
        """
        is_out = not self.targets[number].is_met(self.estimates()[number])
        rows = self._rows_to_try(number)
        for columns in self.columns_to_change(number)[: None if is_out else 1]:
            numbers = np.unique(np.concatenate([self.numbers_touched(column) for column in columns]))
            found = [
                self.moves(column, code, rows, numbers)
                for column in columns
                for code in self.questions[column].item.codes
            ]
            found = [moves for moves in found if len(moves.rows)]
            best = self._make_best(found, number, numbers) if found else None
            if best is not None:
                self._make_more(best, number, numbers)
                return True
            if found and is_out and self._make_pair(found, number, numbers):
                return True
        return False

    def _make_more(self, best: Moves | None, number: int, numbers: np.ndarray) -> None:
        """Give the same answer to further respondents while that gains: cheaper than to look at all others again."""
        while best is not None and self.losses(self.above, self.below, self.all_numbers)[number]:
            more = self.moves(best.column, best.code, self._rows_to_try(number), numbers)
            best = self._make_best([more], number, numbers) if len(more.rows) else None

    def _totals(self, moves: Effects, above: np.ndarray, below: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        losses = self.losses(above + moves.added, below + moves.added_below, numbers)
        return np.round(losses.sum(axis=-1), DECIMALS)

    def _make_best(self, found: list[Moves], number: int, numbers: np.ndarray) -> Moves | None:
        """Choose the answer whose best move gains most, and make its moves as long as they gain; None if none does."""
        above, below = self.above[numbers], self.below[numbers]
        now = np.round(self.losses(above, below, numbers).sum(), DECIMALS)
        best = min(found, key=lambda moves: self._totals(moves, above, below, numbers).min())
        is_open, chosen = np.ones(len(best.rows), dtype=bool), []
        at = int(np.flatnonzero(numbers == number)[0])
        while is_open.any():
            totals = np.where(is_open, self._totals(best, above, below, numbers), np.inf)
            place = int(totals.argmin())
            if totals[place] >= now:
                break
            now, is_open[place] = totals[place], False
            above, below = above + best.added[place], below + best.added_below[place]
            chosen.append(place)
            if self.losses(above, below, numbers)[at] == 0:
                break
        if not chosen:
            return None
        self.make(best.column, best.code, best.rows[np.sort(chosen)])
        return best

    def _make_pair(self, found: list[Moves], number: int, numbers: np.ndarray) -> bool:
        """Make two moves of different respondents that gain most together, the first of them moving this target."""
        above, below = self.above[numbers], self.below[numbers]
        pool = _pool(found, [self._totals(moves, above, below, numbers) for moves in found])
        at = int(np.flatnonzero(numbers == number)[0])
        best = np.round(self.losses(above, below, numbers).sum(), DECIMALS)
        pair: tuple[int, int] | None = None
        for first in np.flatnonzero((pool.added[:, at] != 0) | (pool.added_below[:, at] != 0)):
            sums = self._totals(pool, above + pool.added[first], below + pool.added_below[first], numbers)
            sums[pool.rows == pool.rows[first]] = np.inf
            if sums.min() < best:
                best, pair = sums.min(), (int(first), int(sums.argmin()))
        for place in pair or ():
            moves = found[pool.source[place]]
            self.make(moves.column, moves.code, pool.rows[[place]])
        return pair is not None

    def unmet(self) -> np.ndarray:
        """Which targets are out of print."""
        return np.array([not target.is_met(at) for target, at in zip(self.targets, self.estimates(), strict=True)])

    def run(self, *, is_bounded: bool, is_counted: np.ndarray) -> None:
        """Improve the target that is furthest out until all that count are as aimed at or no move helps."""
        self.is_bounded, self.is_counted = is_bounded, is_counted
        failures = np.zeros(len(self.targets), dtype=np.int64)
        for _ in range(ROUNDS):
            # what no move helped is tried again when others have moved, but not for ever
            losses = np.where(failures < TRIES, self.losses(self.above, self.below, self.all_numbers), 0.0)
            if not losses.any():
                break
            worst = int(losses.argmax())
            failures[worst] += not self.improve(worst)


def _pool(found: list[Moves], totals: list[np.ndarray]) -> Pool:
    """The best moves of each answer, two of each kind of effect, in one."""
    kept = []
    for moves, total in zip(found, totals, strict=True):
        seen: dict[bytes, int] = {}
        places = []
        effects = np.round(np.hstack([moves.added, moves.added_below]), 9)
        for place in np.argsort(total, kind="stable"):
            effect = effects[place].tobytes()
            seen[effect] = seen.get(effect, 0) + 1
            if seen[effect] <= 2:
                places.append(place)
        kept.append(np.array(places[:ROWS_PAIRED]))
    source = np.repeat(np.arange(len(found)), [len(places) for places in kept])
    rows, added, added_below = (
        np.concatenate([getattr(moves, name)[places] for moves, places in zip(found, kept, strict=True)])
        for name in ("rows", "added", "added_below")
    )
    return Pool(rows, added, added_below, source)


def fit_answers(
    questionnaire: Questionnaire, table: Table, plan: Plan, targets: list[Target], weights: dict[str, np.ndarray]
) -> np.ndarray:
    """Change answers in the table until the targets are met or no move helps; returns the estimates of the targets.

    Where some stay out, it starts again from the answers as drawn and leaves these aside at first: figures that no
    answers give all at once must not spoil the others. `weights` are the final weights by design.
    """
    if not targets:
        return np.array([])
    drawn = dict(table.columns)
    fewest_unmet, best_columns, best_estimates = len(targets) + 1, drawn, np.array([])
    everything = np.ones(len(targets), dtype=bool)
    aside = ~everything
    for _ in range(ATTEMPTS):
        table.columns = dict(drawn)
        fit = Fit(questionnaire, table, targets, weights, random_numbers(plan.seed, "fit"))
        for is_bounded, is_counted in ((False, ~aside), (True, ~aside), (True, everything)):
            fit.run(is_bounded=is_bounded, is_counted=is_counted)
            unmet = fit.unmet()
            if unmet.sum() < fewest_unmet:
                fewest_unmet, best_columns, best_estimates = int(unmet.sum()), dict(table.columns), fit.estimates()
            if not unmet.any():
                break
        if not unmet.any():
            break
        aside |= unmet
    table.columns = best_columns
    return best_estimates
