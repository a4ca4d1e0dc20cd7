"""What stands in the codebook of a survey wave, from its survey file and the catalogue, in both languages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from smv_ai.intake.loading import wave_of
from smv_ai.settings import variables_of
from smv_ai.survey.file.catalogue import base_label, catalogue_rows
from smv_ai.survey.file.conditions import Condition, Rule
from smv_ai.survey.file.items import LOWEST_ANSWER, AskedItem, WaveFile, danish, english
from smv_ai.survey.file.model import Option

MOST_COLUMNS_NAMED = 4


class Text(NamedTuple):
    """A text in both languages."""

    da: str
    en: str

    def of(self, language: str) -> str:
        """The text in one of them."""
        return self.da if language == "da" else self.en


class Kind(StrEnum):
    """What a question is; `DERIVED` is none, but a rule about others."""

    SINGLE = "single"
    SEVERAL = "several"
    GRID = "grid"
    NUMBER = "number"
    DERIVED = "derived"


class Answer(NamedTuple):
    """An answer code with its label; `is_missing`: it counts as no answer."""

    code: int
    label: Text

    @property
    def is_missing(self) -> bool:
        """Whether estimates leave it out."""
        return self.code < LOWEST_ANSWER


@dataclass(frozen=True)
class Variable:
    """A column of answers."""

    column: str
    item_id: str
    label: Text
    answers: tuple[Answer, ...]
    is_number: bool


@dataclass(frozen=True)
class Entry:
    """A question with its columns, or a column by rule. `number` as printed, otherwise its place in the file."""

    key: str
    number: str
    kind: Kind
    text: Text
    variables: tuple[Variable, ...]
    asked_if: Rule | None
    base: Text
    rules: tuple[tuple[Text, Rule], ...] = ()


@dataclass(frozen=True)
class Breakdown:
    """A column to break down by: label of each value, and its rule where it has one."""

    column: str
    label: Text
    values: tuple[tuple[str, Text, Rule | None], ...]


@dataclass(frozen=True)
class Contents:
    """The codebook of a wave. `missing`: reserved code, the same for numbers, and what it means."""

    wave: WaveFile
    survey: dict[str, Any]
    said: dict[str, Any]
    mode: Text
    unit: Text
    entries: tuple[Entry, ...]
    breakdowns: tuple[Breakdown, ...]
    missing: tuple[tuple[int, int, Text], ...]

    @property
    def questions(self) -> list[Entry]:
        """What respondents were asked."""
        return [entry for entry in self.entries if entry.kind is not Kind.DERIVED]

    @property
    def derived(self) -> list[Entry]:
        """What rules make of the answers."""
        return [entry for entry in self.entries if entry.kind is Kind.DERIVED]

    @property
    def title(self) -> Text:
        """Survey and wave."""
        return Text(*(f"{self.survey[f'label_{one}']}, {self.said[f'label_{one}']}" for one in ("da", "en")))

    @cached_property
    def entry_of(self) -> dict[str, str]:
        """The key of the question, or the breakdown, behind each column."""
        found = {variable.column: entry.key for entry in self.entries for variable in entry.variables}
        return found | {breakdown.column: breakdown.column for breakdown in self.breakdowns}

    def in_words(self, rule: Rule, language: str) -> str:
        """A rule with the labels of answers: 'q08_uses_ai = Ja og mindst 2 af q14_* = Valgt'."""
        conjunction, disjunction = Text(" og ", " and ").of(language), Text(" eller ", " or ").of(language)
        parts = [
            conjunction.join(self._condition(condition, language) for condition in alternative)
            for alternative in rule.alternatives
        ]
        return disjunction.join(part or Text("alle andre", "all others").of(language) for part in parts)

    def _condition(self, condition: Condition, language: str) -> str:
        values = (
            Text(" eller ", " or ")
            .of(language)
            .join(self._value(condition.columns[0], value, language) for value in condition.values)
        )
        if condition.is_plain:
            return f"{condition.columns[0]} = {values}"
        quantity = (
            Text("alle af", "all of") if condition.at_least is None
            else Text("mindst én af", "any of") if condition.at_least == 1
            else Text(f"mindst {condition.at_least} af", f"at least {condition.at_least} of")
        )  # fmt: skip
        return f"{quantity.of(language)} {self._columns(condition.columns)} = {values}"

    def _columns(self, columns: tuple[str, ...]) -> str:
        """Columns by name; many of one question by the name of the question."""
        keys = {self.entry_of.get(column, column) for column in columns}
        if len(columns) > MOST_COLUMNS_NAMED and len(keys) == 1:
            return f"{keys.pop()} ({len(columns)})"
        return ", ".join(columns)

    def _value(self, column: str, value: str, language: str) -> str:
        found = self._labels.get((column, value))
        return found.of(language) if found else value

    @cached_property
    def _labels(self) -> dict[tuple[str, str], Text]:
        found = {
            (variable.column, str(answer.code)): answer.label
            for entry in self.entries
            for variable in entry.variables
            for answer in variable.answers
        }
        return found | {(one.column, value): label for one in self.breakdowns for value, label, _ in one.values}


def contents_of(project: Path, survey_wave: str) -> Contents:
    """The codebook of a wave, by its id or the name of its survey file.

    Raises BadInputError where there is no such file, or it cannot be understood.
    """
    wave = wave_of(project, survey_wave)
    rows = _Rows(project / "seeds", wave)
    said = rows.one("catalogue/survey_waves", "survey_wave_id", wave.wave_id)
    survey = rows.one("catalogue/surveys", "survey_id", wave.survey_id)
    entries = tuple(_entries(wave, rows))
    settings = variables_of(project)
    return Contents(
        wave=wave,
        survey=survey,
        said=said,
        mode=rows.code("collection_modes", said["collection_mode"]),
        unit=rows.code("statistical_units", survey["statistical_unit"]),
        entries=entries,
        breakdowns=tuple(_breakdowns(wave, rows, {variable.column for one in entries for variable in one.variables})),
        missing=tuple(_missing(settings)),
    )


MISSING = {
    "not_asked": Text("Ikke stillet", "Not asked"),
    "no_answer": Text("Intet svar", "No answer"),
    "dont_know": Text("Ved ikke", "Don't know"),
}


def _missing(settings: dict[str, Any]) -> Iterator[tuple[int, int, Text]]:
    codes, numbers = settings["reserved_codes"], settings["reserved_numbers"]
    for name, label in MISSING.items():
        yield int(codes[name]), int(numbers[name]), label


class _Rows:
    """Rows of the catalogue by table: those of the seeds, and those that the survey file adds."""

    def __init__(self, seeds: Path, wave: WaveFile) -> None:
        self.seeds = seeds
        self.own = catalogue_rows([wave])
        self.read: dict[str, list[dict[str, Any]]] = {}

    def of(self, seed: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        if seed not in self.read:
            path = self.seeds / f"{seed}.csv"
            with path.open(encoding="utf-8", newline="") as file:
                self.read[seed] = [*csv.DictReader(file), *self.own.get(path.stem, [])]
        return self.read[seed]

    def one(self, seed: str, column: str, value: str) -> dict[str, Any]:
        """The row of a key."""
        return next(row for row in self.of(seed) if row[column] == value)

    def label(self, seed: str, column: str, value: str | None) -> Text | None:
        """The label of a key; None where the table does not have it."""
        found = next((row for row in self.of(seed) if value and row[column] == value), None)
        return Text(found["label_da"], found["label_en"]) if found else None

    def code(self, codelist: str, value: str | None) -> Text:
        """The label of a code; the code where it has none."""
        for row in self.of("codelists/codes"):
            if (row["codelist_id"], row["code_id"]) == (codelist, value):
                return Text(row["label_da"], row["label_en"])
        return Text(value or "", value or "")

    def options(self, question: str | None) -> list[Text]:
        """The printed answers of a question of the catalogue, in their order."""
        found = [row for row in self.of("catalogue/answer_options") if question and row["question_id"] == question]
        return [Text(row["label_da"], row["label_en"]) for row in sorted(found, key=lambda r: int(r["option_order"]))]


ABOUT = {
    "technology": ("codelists/technologies", "technology_id"),
    "barrier": ("codelists/barriers", "barrier_id"),
    "answer": ("codelists/answer_categories", "answer_category_id"),
}
LAST = 10**6


def _said(label: str) -> Text:
    return Text(danish(label), english(label))


def _entries(wave: WaveFile, rows: _Rows) -> list[Entry]:
    """Questions as they were asked, then columns by rule: in the order of the printed numbers where there are any."""
    printed = {row["question_id"]: row for row in rows.of("catalogue/questions")}
    has_numbers = any(question.question in printed for question in wave.file.questions.values())
    found = []
    for place, (key, question) in enumerate(wave.file.questions.items(), start=1):
        items = [item for item in wave.items if item.key == key]
        if not items:
            continue
        row = None if question.rules else printed.get(question.question or "")
        number = str((row or {}).get("question_number") or "") if has_numbers else str(place)
        text = _text(wave, rows, key, row)
        found.append(Entry(
            key=key,
            number="" if question.rules else number,
            kind=_kind(items),
            text=text,
            variables=tuple(_variable(wave, rows, item, items, text) for item in items),
            asked_if=None if question.rules else wave.asked_if(items[0]),
            base=_said(base_label(wave, wave.base_id(items[0].base))),
            rules=tuple(_rules(wave, rows, items[0])),
        ))  # fmt: skip
    return sorted(found, key=lambda one: (one.kind is Kind.DERIVED, int(one.number) if one.number else LAST))


def _text(wave: WaveFile, rows: _Rows, key: str, printed: dict[str, Any] | None) -> Text:
    """What a question is called: as said, as printed, by what it is about, by its indicator, or by its key."""
    question = wave.file.questions[key]
    if question.label:
        return _said(question.label)
    if printed:
        return Text(printed["wording_da"], printed["wording_en"])
    about = {"technology": question.technology, "barrier": question.barrier, "answer": question.answer}
    for kind, name in about.items():
        if (found := rows.label(*ABOUT[kind], name)) is not None:
            return found
    indicator = question.indicator or question.as_ or key
    if indicator in wave.file.indicators:
        return _said(wave.file.indicators[indicator].label)
    return rows.label("catalogue/indicators", "indicator_id", indicator) or _name_of(key)


def _name_of(key: str) -> Text:
    """A key as a text, where nothing else is said."""
    return Text(key, key)


def _kind(items: list[AskedItem]) -> Kind:
    question = items[0].question
    if question.rules:
        return Kind.DERIVED
    if items[0].member is not None:
        return Kind.SEVERAL if items[0].is_pair and not question.number else Kind.GRID
    return Kind.NUMBER if question.number else Kind.SINGLE


def _variable(wave: WaveFile, rows: _Rows, item: AskedItem, items: list[AskedItem], text: Text) -> Variable:
    label = text if item.member is None else _member_label(rows, item, items)
    answers = tuple(Answer(code, _answer_label(wave, rows, str(code), one)) for code, one in item.options.items())
    return Variable(item.column, item.item_id, label, answers, item.question.number)


def _member_label(rows: _Rows, item: AskedItem, items: list[AskedItem]) -> Text:
    """How an item of a battery is shown: as said, by what it is about, or as printed in the same order."""
    if item.member_label:
        return _said(item.member_label)
    if item.question.about and (found := rows.label(*ABOUT[item.question.about], item.about)) is not None:
        return found
    printed = rows.options(item.question.question)
    return printed[items.index(item)] if len(printed) == len(items) else _name_of(item.member or "")


def _answer_label(wave: WaveFile, rows: _Rows, code: str, option: Option) -> Text:
    if option.label:
        return _said(option.label)
    category = wave.own_id("answer", option.category) if option.category else None
    return rows.label("codelists/answer_categories", "answer_category_id", category) or _name_of(code)


def _rules(wave: WaveFile, rows: _Rows, item: AskedItem) -> Iterator[tuple[Text, Rule]]:
    labels = {str(code): _answer_label(wave, rows, str(code), option) for code, option in item.options.items()}
    labels = {"-1": MISSING["not_asked"]} | labels
    for value, rule in item.question.rules.items():
        yield labels.get(value, _name_of(value)), wave.read(rule, item)


# Columns of the product, with the table that names their values.
DIMENSIONS = {
    "industry_id": ("codelists/industries", Text("Branche", "Industry")),
    "size_class_id": ("codelists/size_classes", Text("Størrelse", "Size")),
    "region_id": ("codelists/regions", Text("Område", "Region")),
}
LISTS = {
    "maturity_level_id": ("maturity_levels", Text("Modenhed", "Maturity")),
    "ai_use_group_id": ("ai_use_groups", Text("Brug af AI", "AI use")),
}


def _breakdowns(wave: WaveFile, rows: _Rows, answered: set[str]) -> Iterator[Breakdown]:
    """The groups of the file, and the columns of the product that its tables are broken down by."""
    named = [column for table in wave.file.tables or [] for column in table.columns]
    for column in dict.fromkeys([*wave.file.groups, *named]):
        group = wave.file.groups.get(column)
        if column in answered:
            continue
        label = _said(group.label) if group and group.label else _column_label(column)
        if group is None and column in DIMENSIONS:
            table = DIMENSIONS[column][0]
            values = [(row[column], Text(row["label_da"], row["label_en"]), None) for row in rows.of(table)]
            yield Breakdown(column, label, tuple(values))
            continue
        names = dict.fromkeys([*(group.rules if group else {}), *(group.values if group else {})])
        yield Breakdown(column, label, tuple(
            (value, _value_label(rows, column, value, group.values.get(value) if group else None),
             wave.read(group.rules[value]) if group and value in group.rules else None)
            for value in names
        ))  # fmt: skip


def _column_label(column: str) -> Text:
    found = DIMENSIONS.get(column) or LISTS.get(column)
    return found[1] if found else _name_of(column)


def _value_label(rows: _Rows, column: str, value: str, said: str | None) -> Text:
    if said:
        return _said(said)
    if column in DIMENSIONS:
        return rows.label(DIMENSIONS[column][0], column, value) or _name_of(value)
    return rows.code(LISTS[column][0], value) if column in LISTS else _name_of(value)


def fieldwork(said: dict[str, Any]) -> tuple[date | None, date | None]:
    """First and last day of data collection; rows of seeds hold texts, those of survey files dates."""
    found = [said["collection_start_date"] or None, said["collection_end_date"] or None]
    first, last = (date.fromisoformat(day) if isinstance(day, str) else day for day in found)
    return first, last
