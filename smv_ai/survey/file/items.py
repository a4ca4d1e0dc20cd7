"""The items of a survey file: each column of answers, with its options, its base and who is asked.

A question is an item, or a battery of items with the same answers. Names of the file become ids here: what the product
knows keeps its id, what is the survey's own begins with the id of the survey.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from smv_ai.survey.file.conditions import Rule
from smv_ai.survey.file.model import Base, Estimate, Item, Option, Question, SurveyFile
from smv_ai.survey.file.names import Names

SEPARATOR = "|"
DEFAULT_BASE = "all"
# The base of a question that is not asked of everybody, where it names none.
ASKED = "__asked"
# Lists of answers that need not be written down.
OPTION_LISTS: dict[str, dict[str, Option]] = {
    "yes_no": {"1": Option(label="Ja | Yes"), "0": Option(label="Nej | No")},
    "ticked": {"1": Option(label="Valgt | Ticked"), "0": Option(label="Ikke valgt | Not ticked")},
}
LOWEST_ANSWER = 0
CODE = re.compile("-?[0-9]{1,9}")


def danish(label: str) -> str:
    """The Danish half of a label, or all of it."""
    return label.split(SEPARATOR)[0].strip()


def english(label: str) -> str:
    """The English half of a label, or all of it."""
    return label.split(SEPARATOR)[-1].strip()


def joined(*labels: str) -> str:
    """Labels set behind one another, in both languages."""
    return f"{' – '.join(map(danish, labels))} {SEPARATOR} {' – '.join(map(english, labels))}"


@dataclass(frozen=True)
class AskedItem:
    """A column of answers. `key` is its question, `member` its name in a battery; `about` what a member is about."""

    key: str
    member: str | None
    question: Question
    item_id: str
    column: str
    options: dict[int, Option]
    groups: dict[str, Option]
    list_name: str
    base: str
    about: str | None
    is_tabulated: bool
    member_label: str | None

    @property
    def is_pair(self) -> bool:
        """Whether its answers are 1 and 0, beside what stands for none: one share says all."""
        return {code for code in self.options if code >= LOWEST_ANSWER} == {0, 1} and not self.groups

    @property
    def label(self) -> str:
        """How it is shown."""
        label = self.question.label or self.key
        if self.member is None:
            return label
        return joined(label, self.member_label or self.member)

    def name(self, pattern: str) -> str:
        """A name with {item} in it as that of this item."""
        return pattern.replace("{item}", self.member or "")


@dataclass(frozen=True)
class WaveFile:
    """A survey file with the id of its wave and the names that the product knows."""

    wave_id: str
    file: SurveyFile
    names: Names

    @property
    def survey_id(self) -> str:
        """The survey."""
        return self.file.survey.id

    @property
    def is_own(self) -> bool:
        """Whether the catalogue does not have the survey."""
        return self.survey_id not in self.names.of("survey")

    @property
    def default_base(self) -> str:
        """The base of questions that name none."""
        return self.file.base or next(iter(self.file.bases), DEFAULT_BASE)

    def base(self, name: str) -> Base:
        """What the file says of a base."""
        return self.file.bases.get(name, Base())

    def base_id(self, name: str) -> str:
        """The id of a base: as it is where the catalogue has it."""
        return name if name in self.names.of("base") else f"{self.survey_id}_{name}"

    def own_id(self, kind: str, name: str) -> str:
        """The id of what may be of the product or the survey's own."""
        return name if name in self.names.of(kind) else f"{self.survey_id}_{name}"

    def theme_id(self, name: str | None) -> str:
        """A theme: as named, or the one of the survey."""
        return name or self.survey_id

    def option_list(self, key: str, question: Question) -> tuple[str, dict[str, Option]]:
        """The answers of a question with the name of their list."""
        name = question.option_list
        if name is not None:
            return name, self.file.options.get(name, OPTION_LISTS.get(name, {}))
        return key, question.options or {}

    @cached_property
    def items(self) -> list[AskedItem]:
        """All items in the order of the file."""
        return [item for key, question in self.file.questions.items() for item in self._items_of(key, question)]

    @cached_property
    def item_by_id(self) -> dict[str, AskedItem]:
        """Items by their id."""
        return {item.item_id: item for item in self.items}

    @cached_property
    def columns_of_file(self) -> list[str]:
        """The columns of answers that the response file holds."""
        return [item.column for item in self.items if not item.question.rules]

    def _items_of(self, key: str, question: Question) -> Iterator[AskedItem]:
        list_name, options = self.option_list(key, question)
        # what is no number is told by the check
        codes = {int(code): option for code, option in options.items() if CODE.fullmatch(code) and option.codes is None}
        groups = {name: option for name, option in options.items() if option.codes is not None}
        members: dict[str | None, Item | None] = {None: Item()}
        if question.items is not None:
            members = {**question.items}
        for member, item in members.items():
            pattern = question.column or (f"{key}_{{item}}" if member is not None else key)
            column = pattern.replace("{item}", member or "")
            yield AskedItem(
                key=key,
                member=member,
                question=question,
                # another name of the column is the file's affair; estimates keep the name of the question
                item_id=column if member is not None or question.column is None else key,
                column=column,
                options=codes,
                groups=groups,
                list_name=list_name,
                base=question.base or (f"{key}{ASKED}" if question.asked_if and self.is_own else self.default_base),
                about=(item.about if item and item.about else member) if question.about else None,
                is_tabulated=item is not None,
                member_label=item.label if item else None,
            )

    def asked_if(self, item: AskedItem) -> Rule | None:
        """Who is asked: as the question says, or those of its base."""
        rule = item.question.asked_if or self.base(item.base).where
        return None if rule is None else self.read(rule, item)

    def read(self, rule: Rule, item: AskedItem | None = None) -> Rule:
        """A rule with the names of a battery's item and the columns behind a star filled in."""
        if item is not None and item.member is not None:
            rule = rule.about(item.member)
        return rule.among(self.columns_of_file)

    def restriction(self, estimate: Estimate, item: AskedItem | None) -> Rule | None:
        """Who is in an estimate beyond having answered: its own condition, or its base's where the item has another."""
        where = estimate.where or (item.question.where if item else None)
        if where is None and estimate.base is not None and (item is None or estimate.base != item.base):
            where = self.base(estimate.base).where
        own = None if where is None else self.read(where, item)
        valid = self.file.valid if estimate.valid else None
        return own if valid is None else valid if own is None else both(valid, own)


def both(one: Rule, other: Rule) -> Rule:
    """The rule that holds where two of them do."""
    alternatives = tuple((*first, *second) for first in one.alternatives for second in other.alternatives)
    return Rule(f"({one.text}) and ({other.text})", alternatives)
