"""What of two waves is the same, so that a change between them may be estimated: by definition, not by name alone.

A measure is the same where statistic, unit, subject, base, restriction and answers are; its label may differ.
"""

from __future__ import annotations

from typing import Any

from smv_ai.survey.file.conditions import Rule
from smv_ai.survey.file.items import AskedItem, WaveFile
from smv_ai.survey.file.measures import Measure, measures_of

Definition = tuple[Any, ...]


class _Meaning:
    """What the columns and measures of one wave are made of, down to the columns of its file."""

    def __init__(self, wave: WaveFile) -> None:
        self.wave = wave
        self.items = {item.column: item for item in wave.items}

    def column(self, name: str, seen: tuple[str, ...] = ()) -> Definition:
        """A column with all that decides its values; `seen` ends circles, which the check names."""
        item, group = self.items.get(name), self.wave.file.groups.get(name)
        if name in seen:
            return (name,)
        if item is not None:
            return self.item(item, (*seen, name))
        rules = {value: self.wave.read(rule) for value, rule in group.rules.items()} if group else {}
        return (name, self.rules(rules, (*seen, name)))

    def item(self, item: AskedItem, seen: tuple[str, ...] = ()) -> Definition:
        """A column of answers: its codes, who was asked, and what it is put together from."""
        rules = {value: self.wave.read(rule, item) for value, rule in item.question.rules.items()}
        asked = self.wave.asked_if(item)
        of_column = (*seen, item.column)
        return (
            item.item_id, item.column, item.question.number, tuple(sorted(item.options)), self.rules(rules, of_column),
            None if asked is None else self.rule(asked, of_column),
        )  # fmt: skip

    def rules(self, rules: dict[str, Rule], seen: tuple[str, ...]) -> Definition:
        """Rules by value, in their order."""
        return tuple((value, self.rule(rule, seen)) for value, rule in rules.items())

    def rule(self, rule: Rule, seen: tuple[str, ...] = ()) -> Definition:
        """A condition and the columns that it looks at."""
        return (rule.alternatives, tuple(self.column(name, seen) for name in rule.columns))

    def measure(self, measure: Measure) -> Definition:
        """All that two estimates must share to be compared."""
        denominator = self.wave.item_by_id.get(measure.denominator or "")
        return (
            measure.statistic, measure.unit, measure.indicator_id, measure.base, measure.answer, measure.technology,
            measure.barrier, tuple(sorted(measure.scores.items())),
            None if measure.item is None else self.item(measure.item),
            None if denominator is None else self.item(denominator),
            None if measure.restriction is None else self.rule(measure.restriction),
        )  # fmt: skip


def same_measures(wave: WaveFile, earlier: WaveFile) -> set[str]:
    """The ids of the measures that both waves have, defined alike."""
    before, now = _Meaning(earlier), _Meaning(wave)
    known = {measure.measure_id: before.measure(measure) for measure in measures_of(earlier)}
    return {m.measure_id for m in measures_of(wave) if known.get(m.measure_id) == now.measure(m)}


def is_same_column(name: str, wave: WaveFile, earlier: WaveFile) -> bool:
    """Whether a column to break down by is made alike in both waves."""
    return _Meaning(wave).column(name) == _Meaning(earlier).column(name)
