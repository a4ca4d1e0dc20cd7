"""Calibrate the answers, not the results: change single answers until the estimates lie in the printed ranges.

A move gives one respondent another answer to one item, with all that follows from it by routing and rule. For the
target that is furthest out, what each of a few hundred possible moves would do to all targets is worked out at once;
the best are made, one after the other. Where no single move helps, pairs of moves are tried: in a small region two
respondents with different weights take a step that one alone cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from smv_ai.demo.codebook import RESERVED
from smv_ai.demo.draws import random_numbers
from smv_ai.demo.plan import Plan
from smv_ai.demo.questionnaire import Question, Questionnaire
from smv_ai.demo.table import Table
from smv_ai.demo.targets import Target

ROWS_TRIED = 256
ROWS_PAIRED = 48
OUT_OF_PRINT = 9.0
ROUNDS = 4000
TRIES = 3
# Losses are compared with so many decimals: less than that is the order in which a machine adds.
DECIMALS = 9


@dataclass
class Moves:
    """One answer for some respondents: what each of them alone would add to the sums of the targets."""

    column: str
    code: int | np.ndarray
    rows: np.ndarray
    added: np.ndarray
    added_below: np.ndarray


@dataclass
class Fit:
    """The state: answers, targets and their sums."""

    questionnaire: Questionnaire
    table: Table
    targets: list[Target]
    weights: list[np.ndarray]
    random: np.random.Generator
    is_kept: np.ndarray
    above: np.ndarray = field(init=False)
    below: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.above, self.below = np.zeros(len(self.targets)), np.ones(len(self.targets))
        self.add_up(range(len(self.targets)))
        printed = np.array([(target.lower, target.upper) for target in self.targets]).T
        self.ranges = [np.array([target.aim for target in self.targets]).T, printed]
        # at least what one respondent moves, so that a count in a small sample does not outweigh all others
        step = np.array(
            [target.scale * weights.mean() / (1.0 if target.is_sum else max(below, weights.mean()))
             for target, weights, below in zip(self.targets, self.weights, self.below, strict=True)]
        )  # fmt: skip
        self.tolerance = np.maximum(np.where(np.isfinite(printed[1]), printed[1] - printed[0], 0.0) / 2, step)
        self.touched = [
            {column for column in self.questionnaire.questions if self.questionnaire.touched(column) & target.columns}
            for target in self.targets
        ]

    def add_up(self, numbers: range | np.ndarray) -> None:
        """Work the sums of these targets out anew."""
        for number in numbers:
            target = self.targets[number]
            above, below = target.terms(self.table, self.weights[number])
            self.above[number] = above.sum()
            self.below[number] = 1.0 if target.is_sum else below.sum()

    def estimates(self) -> np.ndarray:
        """The estimates as they stand; not a number where nobody is in the base."""
        return np.divide(self.above, self.below, out=np.full(len(self.above), np.nan), where=self.below > 0)

    def are_met(self) -> np.ndarray:
        """Whether each target is met."""
        pairs = zip(self.targets, self.estimates(), strict=True)
        return np.array([target.is_met(float(estimate)) for target, estimate in pairs])

    def losses(self, above: np.ndarray, below: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Squared distance from the aim, by target (last axis) in units of its tolerance; out of print weighs most."""
        estimate = np.divide(above, below, out=np.full(above.shape, 1e9), where=below > 0)
        outside = np.zeros(above.shape)
        for (lower, upper), weight in zip(self.ranges, (1.0, OUT_OF_PRINT), strict=True):
            outside += weight * np.maximum(np.maximum(lower[numbers] - estimate, estimate - upper[numbers]), 0.0)
        return np.round(outside / self.tolerance[numbers], DECIMALS) ** 2 * self.is_kept[numbers]

    def _possible_rows(self, question: Question, code: int, target: Target) -> np.ndarray:
        """A random choice of the respondents who may give this answer instead of their own."""
        table, values = self.table, self.table[question.column]
        cases = question.drawer.case_of(table, question.asked(table))
        possible = (values != code) & question.drawer.may_have(cases, np.full(table.size, code, dtype=np.int16))
        for reserved in set(RESERVED) - set(question.item.codes):
            possible &= values != reserved
        if code == 1:
            possible &= question.has_room(table)
        for name, value in target.segment.items():
            if name not in self.questionnaire.touched(question.column):
                possible &= table.has(name, (value,))
        rows = np.flatnonzero(possible)
        return np.sort(self.random.permutation(rows)[:ROWS_TRIED])

    def moves(self, question: Question, code: int, target: Target, numbers: np.ndarray) -> Moves:
        """The moves to this answer that may help a target, with their effect on the targets of these numbers."""
        rows = self._possible_rows(question, code, target)
        part = self.table.take(rows)
        before = [self.targets[number].terms(part, self.weights[number][rows]) for number in numbers]
        changed = self.table.take(rows)
        self.questionnaire.change(changed, rows, question.column, code)
        after = [self.targets[number].terms(changed, self.weights[number][rows]) for number in numbers]
        added, added_below = (
            np.array([new[side] - old[side] for new, old in zip(after, before, strict=True)]).T for side in (0, 1)
        )
        return Moves(question.column, code, rows, added, added_below)

    def make(self, column: str, code: int, rows: np.ndarray, numbers: np.ndarray) -> None:
        """Change the answers of these respondents."""
        changed = self.table.take(rows)
        self.questionnaire.change(changed, rows, column, code)
        for name in self.questionnaire.touched(column):
            values = self.table[name].copy()
            values[rows] = changed[name]
            self.table[name] = values
        self.add_up(numbers)

    def numbers_touched(self, columns: set[str]) -> np.ndarray:
        """The targets that a change of these columns may move."""
        return np.array([number for number, touched in enumerate(self.touched) if touched & columns])

    def rounds_of(self, number: int) -> list[list[str]]:
        """Columns to change for a target: those that its item is or is derived from, then all that it depends on."""
        target, questions = self.targets[number], self.questionnaire.questions
        near, sources = set(), {target.item.column} if target.item else set(target.columns)
        for step in reversed(self.questionnaire.steps):
            if step.column in sources:
                near.add(step.column)
                if step.column not in questions:
                    sources |= step.inputs
        near &= set(questions)
        wide = self.touched[number] - near
        return [sorted(columns) for columns in (near, near | wide) if columns]

    def improve(self, number: int) -> bool:
        """Make moves that bring this target nearer without driving others further out; False where none does.

        For a target that is in print already, and only near the edge, little is tried.
        """
        is_out = not self.targets[number].is_met(self.estimates()[number])
        for columns in self.rounds_of(number)[: None if is_out else 1]:
            numbers = self.numbers_touched(set(columns))
            found = [
                self.moves(self.questionnaire.questions[column], code, self.targets[number], numbers)
                for column in columns
                for code in self.questionnaire.questions[column].item.codes
            ]
            found = [moves for moves in found if len(moves.rows)]
            if found and self._make_best(found, number, numbers):
                return True
            if found and is_out and self._make_pair(found, number, numbers):
                return True
        return False

    def _totals(self, moves: Moves, above: np.ndarray, below: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        return self.losses(above + moves.added, below + moves.added_below, numbers).sum(axis=-1)

    def improve_all(self) -> None:
        """Improve the worst target until none is left or no move helps."""
        all_numbers = np.arange(len(self.targets))
        failures = np.zeros(len(self.targets), dtype=np.int64)
        for _ in range(ROUNDS):
            # what no move helped is tried again when others have moved, but not for ever
            losses = np.where(failures < TRIES, self.losses(self.above, self.below, all_numbers), 0.0)
            if not losses.any():
                break
            worst = int(losses.argmax())
            failures[worst] += not self.improve(worst)
        self.add_up(all_numbers)

    def _make_best(self, found: list[Moves], number: int, numbers: np.ndarray) -> bool:
        """Choose the answer whose best move gains most, and make its moves as long as they gain."""
        above, below = self.above[numbers], self.below[numbers]
        now = self.losses(above, below, numbers).sum()
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
        if chosen:
            self.make(best.column, best.code, best.rows[np.sort(chosen)], numbers)
        return bool(chosen)

    def _make_pair(self, found: list[Moves], number: int, numbers: np.ndarray) -> bool:
        """Make two moves of different respondents that gain most together, the first of them moving this target."""
        pool = _pool(found, [self._totals(moves, self.above[numbers], self.below[numbers], numbers) for moves in found])
        at = int(np.flatnonzero(numbers == number)[0])
        best, pair = self.losses(self.above[numbers], self.below[numbers], numbers).sum(), None
        for first in np.flatnonzero((pool.added[:, at] != 0) | (pool.added_below[:, at] != 0)):
            above, below = self.above[numbers] + pool.added[first], self.below[numbers] + pool.added_below[first]
            sums = self._totals(pool, above, below, numbers)
            sums[pool.rows == pool.rows[first]] = np.inf
            if sums.min() < best:
                best, pair = sums.min(), (first, int(sums.argmin()))
        for place in pair or ():
            moves = found[pool.code[place]]
            self.make(moves.column, moves.code, pool.rows[[place]], numbers)
        return pair is not None


def _pool(found: list[Moves], totals: list[np.ndarray]) -> Moves:
    """The best moves of each answer, two of each kind of effect, in one; `code` is the place in `found`."""
    kept = []
    for moves, total in zip(found, totals, strict=True):
        order = np.argsort(total, kind="stable")
        effects = np.round(np.hstack([moves.added, moves.added_below])[order], DECIMALS)
        _, firsts = np.unique(effects, axis=0, return_index=True)
        others = np.setdiff1d(np.arange(len(order)), firsts)
        _, seconds = np.unique(effects[others], axis=0, return_index=True)
        kept.append(order[np.sort(np.concatenate([firsts, others[seconds]]))[:ROWS_PAIRED]])
    source = np.repeat(np.arange(len(found)), [len(places) for places in kept])
    joined = (np.concatenate([getattr(moves, name)[places] for moves, places in zip(found, kept, strict=True)])
              for name in ("rows", "added", "added_below"))  # fmt: skip
    return Moves("", source, *joined)


def fit_answers(
    questionnaire: Questionnaire, table: Table, plan: Plan, targets: list[Target], weights: dict[str, np.ndarray]
) -> np.ndarray:
    """Change answers in the table until the targets are met or no move helps; returns the estimates of the targets.

    Prints that contradict each other cannot all be met. Rather than miss each of them by a little, the one that is
    furthest out is given up, and the others are tried again from the answers as drawn. `weights` are the final weights
    by design.
    """
    if not targets:
        return np.array([])
    by_target = [weights[target.design.design_id] for target in targets]
    drawn, is_kept = dict(table.columns), np.ones(len(targets), dtype=bool)
    while True:
        fit = Fit(questionnaire, table, targets, by_target, random_numbers(plan.seed, "fit"), is_kept)
        fit.improve_all()
        if (fit.are_met() | ~is_kept).all():
            return fit.estimates()
        losses = fit.losses(fit.above, fit.below, np.arange(len(targets)))
        is_kept[np.where(fit.are_met(), 0.0, losses).argmax()] = False
        table.columns = dict(drawn)
