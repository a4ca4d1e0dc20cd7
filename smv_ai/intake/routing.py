"""Who was asked, worked out on the canonical answers of a load as the survey file says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from smv_ai.survey.file.conditions import Condition, Rule
from smv_ai.survey.file.items import WaveFile

Values = np.ndarray
Column = Callable[[str], Values | None]


class Routing:
    """Evaluates conditions; `column` gives the values of a column of the file or frame, None where there is none."""

    def __init__(self, wave: WaveFile, column: Column, rows: int) -> None:
        self.wave, self.column, self.rows = wave, column, rows
        self._derived: dict[str, Values] = {}

    def holds(self, rule: Rule) -> np.ndarray:
        """For each row whether a rule holds."""
        found = np.zeros(self.rows, bool)
        for alternative in self.wave.read(rule).alternatives:
            all_of = np.ones(self.rows, bool)
            for condition in alternative:
                all_of &= self._condition(condition)
            found |= all_of
        return found

    def _condition(self, condition: Condition) -> np.ndarray:
        count = np.zeros(self.rows, np.int32)
        for name in condition.columns:
            count += self._is_one_of(name, condition.values)
        return count >= condition.needed()

    def _is_one_of(self, name: str, values: tuple[str, ...]) -> np.ndarray:
        found = self._values(name)
        if found is None:
            return np.zeros(self.rows, bool)
        if found.dtype == object:
            return np.isin(found.astype(str), list(values))
        numbers = [float(value) for value in values if _is_number(value)]
        return np.isin(found, numbers)

    def _values(self, name: str) -> Values | None:
        """The values of a column of answers, or of one that the survey file derives by rules."""
        rules = self._rules(name)
        if rules is None:
            return self.column(name)
        if name not in self._derived:
            found = np.full(self.rows, "", object)
            open_ = np.ones(self.rows, bool)
            for value, rule in rules.items():
                hit = open_ & self.holds(rule)
                found[hit] = value
                open_ &= ~hit
            self._derived[name] = found
        return self._derived[name]

    def _rules(self, name: str) -> dict[str, Rule] | None:
        question = self.wave.file.questions.get(name)
        if question is not None and question.rules:
            return question.rules
        group = self.wave.file.groups.get(name)
        return group.rules if group is not None and group.rules else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
