"""The answers of a wave: drawn in the order of the plan, with routing, constructs and item non-response.

The same steps tell what else changes when one answer is changed: who is no longer asked, who is asked now, and which
constructs follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from smv_ai.demo.draws import Drawer, random_numbers
from smv_ai.demo.sample import Sample
from smv_ai.demo.table import Table, derive
from smv_ai.errors import BadInputError
from smv_ai.survey.codebook import DONT_KNOW, NO_ANSWER, NOT_ASKED, RESERVED, Codebook, DerivedColumn, Item
from smv_ai.survey.plan import Group, Plan


@dataclass
class Question:
    """A step that draws an item."""

    item: Item
    drawer: Drawer
    group: Group | None
    no_answer: float | int
    uniform: np.ndarray

    @property
    def column(self) -> str:
        """The column of the item."""
        return self.item.column

    @property
    def inputs(self) -> set[str]:
        """The columns that decide who is asked and which case fits."""
        named = {name for conditions in self.drawer.conditions for name in conditions}
        return named | ({self.item.asked_if_column} if self.item.asked_if_column else set())

    def asked(self, table: Table) -> np.ndarray:
        """Who is asked."""
        if not self.item.asked_if_column:
            return np.ones(table.size, dtype=bool)
        return table.has(self.item.asked_if_column, self.item.asked_if_values)

    def has_room(self, table: Table) -> np.ndarray:
        """Who may tick one more item of the group."""
        if self.group is None:
            return np.ones(table.size, dtype=bool)
        others = [name for name in self.group.columns if name != self.column and name in table]
        # For the first column of a group the sum is the number 0 and the result one truth, whose opposite is -2: the
        # first firm is then never given the answer. Mending it draws the demonstration answers anew.
        # pyrefly: ignore[bad-return] - see above
        return sum((table[name] == 1).astype(np.int16) for name in others) < self.group.at_most


Step = Question | DerivedColumn


@dataclass
class Questionnaire:
    """The steps of a wave in an order in which each finds what it looks at."""

    steps: list[Step]
    item_columns: set[str]
    _later: dict[str, list[Step]] = field(default_factory=dict)

    @property
    def questions(self) -> dict[str, Question]:
        """The items that are drawn, by column."""
        return {step.column: step for step in self.steps if isinstance(step, Question)}

    def later_steps(self, column: str) -> list[Step]:
        """The steps that a change of the column may change, in their order."""
        if column not in self._later:
            touched, later = {column}, []
            for step in self.steps:
                if touched & step.inputs:
                    touched.add(step.column)
                    later.append(step)
            self._later[column] = later
        return self._later[column]

    def touched(self, column: str) -> set[str]:
        """The columns that may change with this one, itself included."""
        return {column} | {step.column for step in self.later_steps(column)}

    def derive(self, table: Table, step: DerivedColumn) -> None:
        """Set a derived column."""
        table[step.column] = derive(table, step, is_item=step.column in self.item_columns)

    def steps_between(self, column: str, results: set[str]) -> list[Step]:
        """The later steps of a column that lead to one of the results."""
        needed, steps = set(results), []
        for step in reversed(self.later_steps(column)):
            if step.column in needed:
                needed |= step.inputs
                steps.insert(0, step)
        return steps

    def change(self, part: Table, rows: np.ndarray, column: str, code: int, steps: list[Step]) -> None:
        """Give all respondents of `part` (these rows of the whole) the code, and let these later steps follow."""
        part[column] = np.full(part.size, code, dtype=np.int16)
        for step in steps:
            if isinstance(step, DerivedColumn):
                self.derive(part, step)
            else:
                _ask_again(part, step, step.uniform[rows])


def _ask_again(part: Table, question: Question, uniform: np.ndarray) -> None:
    """Who is no longer asked has no answer; who is asked now, or can no longer have the answer he gave, draws one."""
    asked = question.asked(part)
    cases = question.drawer.case_of(part, asked)
    values = part[question.column].copy()
    draws = asked & (values != NO_ANSWER) & ~question.drawer.may_have(cases, values)
    values[draws] = question.drawer.one_by_one(cases[draws], uniform[draws])
    values[draws & (values == 1) & ~question.has_room(part)] = 0
    values[~asked] = NOT_ASKED
    part[question.column] = values


def _question(plan: Plan, item: Item, size: int) -> Question:
    draw = next(draw for draw in plan.answers if draw.column == item.column)
    group = next((group for group in plan.groups if item.column in group.columns), None)
    drawer = Drawer(draw, {str(code): code for code in (*item.codes, DONT_KNOW)})
    return Question(item, drawer, group, draw.no_answer, random_numbers(plan.seed, item.column).random(size))


def plan_questionnaire(plan: Plan, codebook: Codebook, table: Table) -> Questionnaire:
    """The steps of the wave. Raises BadInputError where plan and codebook do not fit."""
    items = codebook.item_by_column
    derived_names = {derived.column for derived in codebook.derived}
    drawn = [draw.column for draw in plan.answers]
    if odd := (set(items) - derived_names) ^ set(drawn):
        raise BadInputError(
            f"demo/{plan.survey_wave_id}.yml: answers differ from the questions of surveys/{plan.survey_wave_id}.yml"
            f" in {', '.join(sorted(odd))}"
        )
    steps: list[Step] = []
    known, waiting = set(table.columns), list(codebook.derived)
    for column in [None, *drawn]:
        if column is not None:
            question = _question(plan, items[column], table.size)
            if missing := question.inputs - known:
                raise BadInputError(
                    f"demo/{plan.survey_wave_id}.yml: {column} needs {', '.join(sorted(missing))} before it"
                )
            steps.append(question)
            known.add(column)
        for derived in list(waiting):
            if derived.inputs <= known:
                steps.append(derived)
                known.add(derived.column)
                waiting.remove(derived)
    if waiting:
        raise BadInputError(f"{waiting[0].column} looks at columns that {plan.survey_wave_id} does not have")
    return Questionnaire(steps, set(items))


def _missing(random: np.random.Generator, asked: np.ndarray, no_answer: float | int) -> np.ndarray:
    """The rows without an answer, among those asked: a share of them or a number."""
    rows = np.flatnonzero(asked)
    count = no_answer if isinstance(no_answer, int) else round(len(rows) * no_answer)
    return random.permutation(rows)[:count]


def _repeat(question: Question, plan: Plan, sample: Sample, before: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """Who of the firms that stay repeats the answer given before: as often as the plan says and the case allows it."""
    if plan.panel is None:
        return np.zeros(len(cases), dtype=bool)
    share = plan.panel.same_answer_by_column.get(question.column, plan.panel.same_answer)
    stays = (sample.earlier_rows >= 0) & (
        random_numbers(plan.seed, f"same {question.column}").random(len(cases)) < share
    )
    return stays & question.drawer.may_have(cases, before) & ~np.isin(before, RESERVED)


def draw_answers(questionnaire: Questionnaire, plan: Plan, sample: Sample, earlier: Table | None) -> None:
    """Draw all answers of the sample into its table."""
    table = sample.table
    for step in questionnaire.steps:
        if isinstance(step, DerivedColumn):
            questionnaire.derive(table, step)
            continue
        asked = step.asked(table)
        cases = step.drawer.case_of(table, asked)
        values = step.drawer.together(cases, step.uniform)
        if earlier is not None and step.column in earlier:
            before = earlier[step.column][sample.earlier_rows]
            values = np.where(_repeat(step, plan, sample, before, cases), before, values)
        values[(values == 1) & ~step.has_room(table)] = 0
        for name, no_answer in _left_out(step):
            values[_missing(random_numbers(plan.seed, f"missing {name}"), asked, no_answer)] = NO_ANSWER
        values[~asked] = NOT_ASKED
        table[step.column] = values


def _left_out(question: Question) -> list[tuple[str, float | int]]:
    """Item non-response of the item, and of its group: the name is that of the random numbers that choose the rows."""
    own = [(question.column, question.no_answer)]
    return own if question.group is None else [*own, (f"group {question.group.columns[0]}", question.group.no_answer)]
