"""The canonical responses of a load: every cell of every loaded column as a code, a number or a reason of no answer.

One source column gives one item, or all boxes of a question. First each text is coded by itself (`coding`), then the
routing of the survey file decides what a blank cell means, and last the rows are counted out: loaded, set aside,
quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from smv_ai.errors import BadInputError
from smv_ai.intake import coding
from smv_ai.intake.coding import BAD, BAD_NUMBER, BLANK, BLANK_NUMBER, Boxes, Coded, Reserved
from smv_ai.intake.frame import FrameRows, whole
from smv_ai.intake.reading.grid import Column, RawTable
from smv_ai.intake.routing import Routing
from smv_ai.intake.rules import RULES, SET_ASIDE, Finding
from smv_ai.intake.words import plain
from smv_ai.settings import variables_of
from smv_ai.suggest import allowed_in_words
from smv_ai.survey.file.items import AskedItem, WaveFile
from smv_ai.survey.file.model import Source
from smv_ai.survey.texts import clear

# its functions are made when it is imported, which the types do not show
pc: Any = pyarrow.compute

TICKED_LIST = "ticked"
# A key that reads the same whoever wrote it: no spaces or signs that are cleared away, and no decimals.
AS_IT_IS = "^[A-Za-z0-9_-]+$"
# What becomes of a row, as a small number: 0 is loaded.
LOADED = 0
OUTCOMES = ("loaded", *RULES)


@dataclass(frozen=True)
class Settings:
    """The values of the project that stand for no answer."""

    codes: Reserved
    numbers: Reserved
    lowest: float

    @classmethod
    def of(cls, project: Path) -> Settings:
        """Those of dbt_project.yml, or of docs/responses.md where it has none."""
        found = variables_of(project)
        codes = found.get("reserved_codes", {"not_asked": -1, "no_answer": -2, "dont_know": -3})
        numbers = found.get("reserved_numbers", {name: -9_000_000_000 + code for name, code in codes.items()})

        def reserved(values: Mapping[str, float]) -> Reserved:
            return Reserved(values["not_asked"], values["no_answer"], values["dont_know"])

        return cls(reserved(codes), reserved(numbers), float(found.get("highest_reserved_number", -9_000_000_000)))


@dataclass(frozen=True)
class LoadedItem:
    """An item with the source column it comes from, coded but not yet routed."""

    item: AskedItem
    source: str
    coded: Coded
    is_number: bool
    is_joined: bool


@dataclass
class Canonical:
    """What a table of raw cells became.

    `values` holds for each item the value of every row; `outcome` for each row its place in OUTCOMES: loaded, or the
    rule
    by which it was set aside or quarantined. `respondents` are the texts, `who` for each row which of them; `answered`
    tells for each row whether it answers anything at all.
    """

    table: RawTable
    items: list[LoadedItem]
    values: dict[str, np.ndarray]
    outcome: np.ndarray
    findings: list[Finding]
    respondents: list[str]
    who: np.ndarray
    answered: np.ndarray
    left_over: list[str] = field(default_factory=list)

    @property
    def is_loaded(self) -> np.ndarray:
        """For each row whether it is loaded."""
        return self.outcome == LOADED


class Loading:
    """Turns the raw table of an export into canonical responses by the survey file."""

    def __init__(
        self, wave: WaveFile, source: Source, table: RawTable, settings: Settings, frame: FrameRows | None = None
    ) -> None:
        self.wave, self.source, self.table, self.settings = wave, source, table, settings
        self.frame = frame
        self.findings: list[Finding] = []
        self.outcome = np.full(table.height, LOADED, np.uint8)

    def run(self) -> Canonical:
        """Code, route and count out. Raises BadInputError where the survey file and the export do not fit."""
        self._check_columns()
        items = self.items
        values = {loaded.item.column: loaded.coded.by_row for loaded in items}
        # only a sample asks
        answered = self._answered(items) if self.frame is not None else np.ones(self.table.height, bool)
        self._set_aside(answered)
        self._route(items, values)
        self._duplicates()
        names, who = self.respondents
        return Canonical(
            self.table, items, values, self.outcome, self.findings, names, who, answered, self._left_over(items)
        )

    # --- which columns

    def _column(self, name: str, where: str) -> Column:
        found = self._found(name)
        if found is None:
            raise BadInputError(
                f"surveys/{self.wave.wave_id}.yml, {where}: the export has no column '{name}';"
                f" {allowed_in_words(name, list(self.table.columns))}. Nothing was loaded."
            )
        return found

    def _found(self, name: str) -> Column | None:
        key = clear(name)
        return self.table.columns.get(key) or self._by_plain.get(plain(key))

    @cached_property
    def _by_plain(self) -> dict[str, Column]:
        return {plain(name): column for name, column in reversed(self.table.columns.items())}

    def _check_columns(self) -> None:
        """Refuse a header that stands there several times where one of them is meant."""
        used = [clear(column) for loaded in self.items for column in (loaded.source,)]
        if self.source.respondent:
            used.append(clear(self.source.respondent))
        for name, count in self.table.repeated.items():
            meant = [other for other in dict.fromkeys(used) if other == name or _is_copy(other, name)]
            if meant and len(meant) < count:
                raise BadInputError(
                    f"the header '{name}' stands in the export {count} times, and the survey file means"
                    f" {len(meant)} of them:"
                    f" name all ('{name}', '{name} (2)', …), or delete the columns that are too many. Nothing was"
                    f" loaded."
                )

    @cached_property
    def items(self) -> list[LoadedItem]:
        """The items of the survey file that come from the export, coded; each source column is coded once."""
        found: list[LoadedItem] = []
        by_question: dict[str, list[AskedItem]] = {}
        for item in self.wave.items:
            if not item.question.rules:
                by_question.setdefault(item.key, []).append(item)
        for members in by_question.values():
            found += self._coded(members)
        return found

    def _coded(self, members: list[AskedItem]) -> list[LoadedItem]:
        question = members[0].question
        if question.separator is not None and members[0].member is not None:
            return self._joined(members)
        return [self._single(item) for item in members]

    def _source_of(self, item: AskedItem) -> str:
        """The column of an item: as said, or else one of its name."""
        said = item.question.items.get(item.member) if item.question.items and item.member else None
        if said is not None and said.source is not None:
            return said.source
        if item.question.source is None:
            return item.column
        if item.member is None or "{item}" in item.question.source:
            return item.name(item.question.source)
        return f"{item.question.source}_{item.member}"

    def _missing(self, item: AskedItem) -> dict[str, str]:
        return coding.missing_texts(self.wave.file.missing, item.question.missing)

    def _single(self, item: AskedItem) -> LoadedItem:
        where = f"questions.{item.key}"
        source = self._source_of(item)
        column = self._column(source, where)
        missing = self._missing(item)
        if item.question.number:
            marks = coding.Marks(self.source.decimal, self.source.thousands)
            coded = coding.code_numbers(column, marks, missing, self.settings.numbers, self.settings.lowest)
        elif item.list_name == TICKED_LIST:
            member = item.question.items.get(item.member) if item.question.items and item.member else None
            codes = coding.tick_texts([item.member_label, item.member, *_written(item)])
            coded = coding.code_ticks(column, codes, missing, self.settings.codes, is_open=bool(member and member.open))
        else:
            codes, missing = self._options(item, missing, where)
            coded = self._answers(item, column, codes, missing)
        return LoadedItem(item, column.name, coded, item.question.number, False)

    def _answers(self, item: AskedItem, column: Column, codes: coding.Codes, missing: dict[str, str]) -> Coded:
        """The codes of a column, with what respondents write themselves, here or in a column of its own."""
        opened = next(((code, option) for code, option in item.options.items() if option.open), None)
        if opened is None:
            return coding.code_answers(column, codes, missing, self.settings.codes)
        code, option = opened
        if option.column is None:
            return coding.code_answers(column, codes, missing, self.settings.codes, code)
        coded = coding.code_answers(column, codes, missing, self.settings.codes)
        return coding.with_written(coded, self._column(option.column, f"questions.{item.key}.options.{code}"), code)

    def _options(self, item: AskedItem, missing: dict[str, str], where: str) -> tuple[coding.Codes, dict[str, str]]:
        """The texts of the answers; an answer that `missing` calls no answer, and that has no source, is none."""
        answers, reasons = {}, dict(missing)
        for code, option in item.options.items():
            label = {clear(text) for text in (option.label or "").split("|")}
            reason = next((missing[text] for text in label if text in missing), None)
            if reason is not None and not option.source:
                reasons[str(code)] = reason
            else:
                answers[code] = option
        codes = coding.option_texts(answers, where)
        said = [text for option in answers.values() for text in option.source or []]
        clash = [text for text in codes if text in reasons and clear(text) not in map(clear, said)]
        for text in clash:
            raise BadInputError(
                f"surveys/{self.wave.wave_id}.yml, {where}: '{text}' is an answer and stands under missing as well;"
                f" say under"
                " the option what the export writes (source). Nothing was loaded."
            )
        return codes, {text: reason for text, reason in reasons.items() if text not in map(clear, said)}

    def _joined(self, members: list[AskedItem]) -> list[LoadedItem]:
        question = members[0].question
        where = f"questions.{members[0].key}"
        column = self._column(question.source or members[0].key, where)
        texts: dict[str, list[str]] = {}
        opened: str | None = None
        for item in members:
            said = question.items.get(item.member or "") if question.items else None
            label = item.member_label or item.member or ""
            texts[item.member or ""] = (
                [said.source] if said and said.source else [*dict.fromkeys(label.split("|")), label]
            )
            opened = item.member if said and said.open else opened
        boxes = Boxes(texts, question.separator or ";", opened)
        if (found := boxes.ambiguous()) is not None:
            raise BadInputError(
                f"surveys/{self.wave.wave_id}.yml, {where}: '{found[0]}' reads like {', '.join(found[1])} together;"
                f" export"
                " the choices in columns of their own. Nothing was loaded."
            )
        coded = coding.code_boxes(column, boxes, self._missing(members[0]), self.settings.codes)
        return [LoadedItem(item, column.name, coded[item.member or ""], False, True) for item in members]

    def _left_over(self, items: list[LoadedItem]) -> list[str]:
        used = {loaded.source for loaded in items}
        written = [option.column or "" for loaded in items for option in loaded.item.options.values()]
        named = [*self.source.valid, *self.source.drop, *self.source.never_load, self.source.respondent or "", *written]
        used |= {column.name for name in named if name and (column := self._found(name)) is not None}
        return [name for name in self.table.columns if name not in used]

    # --- which rows

    @cached_property
    def respondents(self) -> tuple[list[str], np.ndarray]:
        """The respondents, and which of them each row is of; the numbers of the rows where no column is named."""
        if self.source.respondent is None:
            return [f"row{number:09d}" for number in self.table.rows], np.arange(self.table.height)
        texts, indices = self._column(self.source.respondent, "source.respondent").encoded()
        if texts and pc.all(pc.match_substring_regex(pa.array(texts), AS_IT_IS)).as_py():
            return texts, indices.astype(np.int64)
        numbers: dict[str, int] = {}
        by_text = [numbers.setdefault(whole(clear(text)), len(numbers)) for text in texts]
        return list(numbers), np.array(by_text, np.int64)[indices] if texts else np.zeros(0, np.int64)

    def _where(self, rules: Mapping[str, list[str]], where: str) -> np.ndarray:
        """For each row whether any of the columns has one of its values."""
        found = np.zeros(self.table.height, bool)
        for name, values in rules.items():
            texts, indices = self._column(name, f"{where}.{name}").encoded()
            wanted = {clear(value) for value in values}
            # a text that the whole file uses for nothing is as blank as a blank
            blank = {"", *map(clear, self.wave.file.missing.not_shown), *map(clear, self.wave.file.missing.no_answer)}
            hits = [
                ("*" in wanted and clear(text) not in blank) or clear(text) in wanted or whole(clear(text)) in wanted
                for text in texts
            ]
            found |= np.array(hits, bool)[indices] if texts else False
        return found

    def _answered(self, items: list[LoadedItem]) -> np.ndarray:
        """For each row whether a loaded column holds an answer or don't know: not blank, and no box left unticked."""
        found = np.zeros(self.table.height, bool)
        for loaded in items:
            values, reserved = loaded.coded.by_row, self._reserved(loaded)
            silent = [BLANK_NUMBER if loaded.is_number else BLANK, reserved.not_shown, reserved.no_answer]
            if loaded.item.list_name == TICKED_LIST:
                silent.append(0)
            found |= ~np.isin(values, silent)
        return found

    def _set_aside(self, answered: np.ndarray) -> None:
        self._mark(self._all_cells(lambda column: [""]), "blank_row")
        self._mark(self._all_cells(lambda column: [column.name, column.label]), "header_again")
        if self.source.drop:
            self._mark(self._where(self.source.drop, "source.drop"), "test")
        if self.source.valid:
            self._mark(~self._where(self.source.valid, "source.valid"), "partial")
        if self.frame is not None:
            # exports of some tools hold a row for everybody who was invited
            names, who = self.respondents
            says_so = [self.frame.disposition.get(name) in ("complete", "partial") for name in names]
            self._mark(~answered & ~np.array(says_so, bool)[who], "nonresponse")

    def _all_cells(self, texts: Callable[[Column], list[str]]) -> np.ndarray:
        """For each row whether each of its cells is one of the texts."""
        found = np.ones(self.table.height, bool)
        for column in self.table.columns.values():
            if not found.any():
                break
            wanted = pa.array([*dict.fromkeys(texts(column))], pa.string())
            found &= pc.is_in(pc.utf8_trim_whitespace(column.text), wanted).to_numpy(zero_copy_only=False)
        return found

    def _mark(self, rows: np.ndarray, rule: str) -> None:
        self.outcome[rows & (self.outcome == LOADED)] = OUTCOMES.index(rule)

    def _quarantine(self, row: int, column: str, rule: str, value: str, allowed: str = "") -> None:
        self.findings.append(Finding(int(self.table.rows[row]), column, rule, value, allowed))
        if self.outcome[row] == LOADED:
            self.outcome[row] = OUTCOMES.index(rule)

    def _duplicates(self) -> None:
        names, who = self.respondents
        column = self.source.respondent or ""
        for row in np.flatnonzero(
            (np.array([not name for name in names], bool)[who]) & (self.outcome == LOADED)
        ).tolist():
            self._quarantine(row, column, "respondent_present", "")
        if self.frame is not None:
            unknown = np.array([name not in self.frame.stratum for name in names], bool)[who]
            for row in np.flatnonzero(unknown & (self.outcome == LOADED)).tolist():
                self._quarantine(row, column, "respondent_in_frame", names[who[row]])
            not_eligible = self.frame.not_eligible
            outside = np.array([name in not_eligible for name in names], bool)[who]
            for row in np.flatnonzero(outside & (self.outcome == LOADED)).tolist():
                self._quarantine(row, column, "respondent_eligible", names[who[row]])
        if self.source.respondent is not None:
            self._repeats(names, who, column)

    def _repeats(self, names: list[str], who: np.ndarray, column: str) -> None:
        # rows that were set aside do not compete; quarantined ones do, so that nothing takes their place in silence
        aside = [OUTCOMES.index(rule) for rule in (*SET_ASIDE, "respondent_present")]
        competing = np.flatnonzero(~np.isin(self.outcome, aside))
        counts = np.bincount(who[competing], minlength=len(names))
        several = competing[counts[who[competing]] > 1]
        order = several if self.source.duplicates == "last_complete" else several[::-1]
        kept = dict(zip(who[order].tolist(), order.tolist(), strict=True))
        for row in several.tolist():
            if self.source.duplicates == "fail":
                self._quarantine(row, column, "respondent_once", names[who[row]])
            elif row != kept[int(who[row])]:
                self.outcome[row] = OUTCOMES.index("repeat")

    # --- what blank means, and what must not be

    def _route(self, items: list[LoadedItem], values: dict[str, np.ndarray]) -> None:
        """Settle each question after those that decide who is asked it."""
        by_key: dict[str, list[LoadedItem]] = {}
        for loaded in items:
            by_key.setdefault(loaded.item.key, []).append(loaded)
        key_of = {loaded.item.column: loaded.item.key for loaded in items}
        settled: set[str] = set()

        def column(name: str) -> np.ndarray | None:
            if name in key_of:
                settle(key_of[name])
            return values.get(name)

        routing = Routing(self.wave, column, self.table.height)

        def settle(key: str) -> None:
            if key in settled:
                return
            settled.add(key)
            self._settle(by_key[key], values, routing)

        for key in by_key:
            settle(key)

    def _settle(self, members: list[LoadedItem], values: dict[str, np.ndarray], routing: Routing) -> None:
        rules = [self.wave.asked_if(loaded.item) for loaded in members]
        asked = [None if rule is None else routing.holds(rule) for rule in rules]
        is_battery = members[0].item.list_name == TICKED_LIST and members[0].item.member is not None
        for loaded in members:
            self._bad(loaded, values[loaded.item.column])
        if is_battery:
            self._boxes(members, values)
        for loaded, rule, who in zip(members, rules, asked, strict=True):
            self._asked(loaded, values, who, rule.text if rule else "no asked_if in the survey file")

    def _reserved(self, loaded: LoadedItem) -> Reserved:
        return self.settings.numbers if loaded.is_number else self.settings.codes

    def _bad(self, loaded: LoadedItem, found: np.ndarray) -> None:
        bad = found == (BAD_NUMBER if loaded.is_number else BAD)
        rule = "number_readable" if loaded.is_number else "answer_known"
        for row in np.flatnonzero(bad & (self.outcome == LOADED)).tolist():
            text = loaded.coded.text(row)
            value = loaded.coded.left_over.get(int(loaded.coded.indices[row]), text)
            self._quarantine(row, loaded.source, rule, value, loaded.coded.allowed)

    def _boxes(self, members: list[LoadedItem], values: dict[str, np.ndarray]) -> None:
        """What no tick means: 0 beside other ticks; where no box is ticked, what the survey file says."""
        stack = np.array([values[loaded.item.column] for loaded in members])
        said_zero = any((row == 0).any() for row, one in zip(stack, members, strict=True) if not self._is_open(one))
        has_zeros = said_zero and not members[0].is_joined
        any_ticked = (stack == 1).any(axis=0)
        none = ((stack == 0) | (stack == BLANK)).all(axis=0)
        all_blank = np.array([
            (row == BLANK) | ((row == 0) if self._is_open(loaded) else False) for row, loaded in zip(stack, members,
            strict=True)
        ]).all(axis=0)  # fmt: skip
        said = members[0].item.question.none_ticked or self.wave.file.several_choices_none_ticked
        reserved = self.settings.codes
        for loaded, row in zip(members, stack, strict=True):
            found = row.copy()
            if not has_zeros:
                found[(row == BLANK) & any_ticked] = 0
            if said == "zero":
                found[none & ~(all_blank if has_zeros else np.zeros_like(none))] = 0
            else:
                found[none & ~all_blank] = reserved.no_answer
            found[none & all_blank] = 0 if said == "zero" and not has_zeros else BLANK
            values[loaded.item.column] = found

    @staticmethod
    def _is_open(loaded: LoadedItem) -> bool:
        items = loaded.item.question.items or {}
        member = items.get(loaded.item.member or "")
        return bool(member and member.open)

    def _asked(self, loaded: LoadedItem, values: dict[str, np.ndarray], who: np.ndarray | None, rule: str) -> None:
        """Blank is not asked or no answer; an answer of who was not asked, or the other way round, is a
        contradiction.
        """
        found = values[loaded.item.column]
        reserved = self._reserved(loaded)
        blank, bad = (BLANK_NUMBER, BAD_NUMBER) if loaded.is_number else (BLANK, BAD)
        asked = np.ones(len(found), bool) if who is None else who
        is_box = loaded.item.list_name == TICKED_LIST
        silent = (
            (found == blank) | (found == reserved.no_answer) | ((found == 0) & is_box) | (found == reserved.not_shown)
        )
        result = np.where(~asked & silent, reserved.not_shown, found)
        result[asked & (found == blank)] = reserved.no_answer
        values[loaded.item.column] = result
        wrong = ~asked & ~silent & (found != bad)
        for row in np.flatnonzero(wrong & (self.outcome == LOADED)).tolist():
            self._quarantine(row, loaded.source, "routing_followed", loaded.coded.text(row), rule)
        hidden = asked & (found == reserved.not_shown)
        for row in np.flatnonzero(hidden & (self.outcome == LOADED)).tolist():
            self._quarantine(row, loaded.source, "shown_as_routed", loaded.coded.text(row), rule)


def _is_copy(name: str, of: str) -> bool:
    head, _, tail = name.rpartition(" (")
    return head == of and tail.rstrip(")").isdigit()


def _written(item: AskedItem) -> list[str]:
    """How the export writes a tick, where an option of the survey's own list says so."""
    option = item.options.get(1)
    return list(option.source or []) if option else []
