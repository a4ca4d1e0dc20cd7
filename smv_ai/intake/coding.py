"""What the texts of one column mean: a code, a number, or one of the three reasons of no answer. Each text is looked
up once.

A text that means nothing is never forced: it is `BAD`, and its row is quarantined. Similar spellings are suggested
in the
message and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from rapidfuzz import process

from smv_ai.errors import BadInputError
from smv_ai.intake.reading.grid import Column
from smv_ai.intake.words import NOT_TICKED, TICKED, plain
from smv_ai.survey.file.items import danish, english
from smv_ai.survey.file.model import Missing, Option
from smv_ai.survey.texts import clear

# its functions are made when it is imported, which the types do not show
pc: Any = pyarrow.compute

# Beside the codes: no text, and a text without a meaning.
BLANK, BAD = -(10**6), -(10**6) - 1
BLANK_NUMBER, BAD_NUMBER = -9.1e15, -9.2e15
FROM_NUMBER = "\x01"  # before a text that was a number in the file
# A cell that takes longer to read has too many readings.
MOST_STEPS = 20_000
WHOLE = re.compile(r"(-?\d+)[.,]0+")
REASONS = ("not_shown", "no_answer", "dont_know")
Codes = dict[str, int]


@dataclass(frozen=True)
class Coded:
    """A column, coded: the different texts, which of them each row holds, and the value of each text."""

    texts: list[str]
    indices: np.ndarray
    values: np.ndarray
    allowed: str = ""
    left_over: dict[int, str] = field(default_factory=dict)
    """What of a text was an answer in the respondent's own words."""

    @property
    def by_row(self) -> np.ndarray:
        """The value of each row."""
        return self.values[self.indices]

    def text(self, row: int) -> str:
        """The text of a row."""
        return self.texts[self.indices[row]]


@dataclass(frozen=True)
class Reserved:
    """The values for the three reasons of no answer, of codes or of numbers."""

    not_shown: float
    no_answer: float
    dont_know: float


def missing_texts(of_file: Missing, of_question: Missing | None) -> dict[str, str]:
    """Reason by text; what a question says goes before what the file says."""
    found: dict[str, str] = {}
    for said in (of_file, of_question):
        if said is not None:
            found |= {clear(text): reason for reason in REASONS for text in getattr(said, reason) if clear(text)}
    return found


def option_texts(options: Mapping[int, Option], where: str) -> Codes:
    """The code of every text that stands for an answer.

    An option without `source` is written by its code, by its label, or by either half of it. Raises BadInputError
    where a
    text would stand for two answers.
    """
    found: Codes = {}
    for code, option in options.items():
        written = option.source or [str(code), *_halves(option.label)]
        for text in dict.fromkeys(clear(one) for one in written):
            if text and found.setdefault(text, code) != code:
                raise BadInputError(
                    f"{where}: '{text}' stands for the answers {found[text]} and {code}; say under each option"
                    f" which texts"
                    " of the export are meant (source). Nothing was loaded."
                )
    return found


def _halves(label: str | None) -> list[str]:
    return [label, danish(label), english(label)] if label else []


def tick_texts(names: Iterable[str | None]) -> Codes:
    """The texts of a box: what says ticked or not, or the text of the box itself."""
    found: Codes = dict.fromkeys(TICKED, 1) | dict.fromkeys(NOT_TICKED, 0)
    for name in names:
        for text in _halves(name):
            found.setdefault(plain(text), 1)
    return found


def _looked_up(text: str, codes: Codes) -> int | None:
    cleared = clear(text)
    if cleared in codes:
        return codes[cleared]
    whole = WHOLE.fullmatch(cleared)
    return codes.get(whole[1]) if whole else None


def _reason(text: str, missing: Mapping[str, str]) -> str | None:
    whole = WHOLE.fullmatch(text)
    return missing.get(text) or (missing.get(whole[1]) if whole else None)


def code_answers(
    column: Column, codes: Codes, missing: Mapping[str, str], reserved: Reserved, opened: int | None = None
) -> Coded:
    """The codes of a column of answers; a text that is none is the answer `opened`, where respondents write one."""
    left: dict[int, str] = {}

    def value(number: int, text: str) -> int:
        cleared = clear(text)
        if not cleared:
            return BLANK
        reason = _reason(cleared, missing)
        if reason is not None:
            return int(getattr(reserved, reason))
        code = _looked_up(text, codes)
        if code is None and opened is not None:
            left[number] = text
            return opened
        return BAD if code is None else code

    texts, indices = column.encoded()
    values = np.array([value(number, text) for number, text in enumerate(texts)], np.int32)
    return Coded(texts, indices, values, _allowed(codes), left)


def with_written(coded: Coded, written: Column, opened: int) -> Coded:
    """The answer `opened` where a column is blank and the one beside it holds words."""
    texts, indices = written.encoded()
    has_words = np.array([bool(clear(text)) for text in texts], bool)[indices] if texts else np.zeros(0, bool)
    blank = coded.values[coded.indices] == BLANK if len(coded.values) else np.zeros(0, bool)
    # another blank text, whose value is the open answer: the cell itself stays as it was
    again = np.where(blank & has_words, len(coded.texts), coded.indices)
    return Coded([*coded.texts, ""], again, np.append(coded.values, opened).astype(np.int32), coded.allowed,
                 coded.left_over)  # fmt: skip


def code_ticks(column: Column, codes: Codes, missing: Mapping[str, str], reserved: Reserved, *, is_open: bool) -> Coded:
    """Whether a box was ticked; where its answer is written, any text ticks it."""
    left: dict[int, str] = {}

    def value(number: int, text: str) -> int:
        cleared = clear(text)
        if not cleared:
            return 0 if is_open else BLANK
        reason = _reason(cleared, missing)
        if reason is not None:
            return int(getattr(reserved, reason))
        code = codes.get(plain(text))
        if code is None:
            whole = WHOLE.fullmatch(cleared)
            code = codes.get(whole[1]) if whole else None
        if code is None and is_open:
            left[number] = text
            return 1
        return BAD if code is None else code

    texts, indices = column.encoded()
    values = np.array([value(number, text) for number, text in enumerate(texts)], np.int32)
    return Coded(texts, indices, values, "ticked or not", left)


def _allowed(codes: Codes) -> str:
    shown = list(codes)[:12]
    return f"allowed: {', '.join(shown)}{' …' if len(codes) > 12 else ''}"


def suggestion(text: str, codes: Iterable[str]) -> str:
    """The answer that looks most like a text, for a message; empty where none does."""
    found = process.extractOne(clear(text), list(codes), score_cutoff=75)
    return f"did you mean '{found[0]}'? " if found else ""


# --- numbers


@dataclass(frozen=True)
class Marks:
    """How numbers are written as text: decimal mark, and the mark between thousands if there is one."""

    decimal: str = "."
    thousands: str | None = None

    def number(self, text: str) -> float | None:
        """The number in a text; None where it is none, or could be read in two ways."""
        digits = text.strip().replace("\xa0", " ").replace("\u202f", " ").replace("−", "-")
        if self.thousands:
            mark = re.escape(self.thousands)
            if re.fullmatch(rf"-?\d{{1,3}}({mark}\d{{3}})+({re.escape(self.decimal)}\d+)?", digits):
                digits = digits.replace(self.thousands, "")
        if not re.fullmatch(rf"-?\d{{1,17}}({re.escape(self.decimal)}\d+)?", digits):
            return None
        return float(digits.replace(self.decimal, "."))


def code_numbers(column: Column, marks: Marks, missing: Mapping[str, str], reserved: Reserved, lowest: float) -> Coded:
    """The numbers of a column; `lowest` is the highest value that is reserved."""
    text = column.text
    if column.numeric is not None and column.numeric.any():
        text = pc.if_else(pa.array(column.numeric), pc.binary_join_element_wise(FROM_NUMBER, text, ""), text)

    def value(raw: str) -> float:
        is_number, cleared = raw.startswith(FROM_NUMBER), clear(raw.removeprefix(FROM_NUMBER))
        if not cleared:
            return BLANK_NUMBER
        reason = _reason(cleared, missing)
        if reason is not None:
            return getattr(reserved, reason)
        number = _of_number(cleared) if is_number else marks.number(cleared)
        return BAD_NUMBER if number is None or not np.isfinite(number) or number <= lowest else number

    texts, indices = Column(column.name, column.label, text).encoded()
    values = np.array([value(raw) for raw in texts], np.float64)
    return Coded([raw.removeprefix(FROM_NUMBER) for raw in texts], indices, values, marks.decimal)


def _of_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


# --- several choices in one cell


@dataclass(frozen=True)
class Boxes:
    """The boxes of a question whose choices are joined in one cell: texts by item, and the item that is written."""

    texts: dict[str, list[str]]
    separator: str
    open: str | None = None

    def __post_init__(self) -> None:
        pairs = [(clear(text), item) for item, texts in self.texts.items() for text in texts if clear(text)]
        object.__setattr__(self, "_pairs", sorted(dict.fromkeys(pairs), key=lambda pair: -len(pair[0])))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Text and item, the longest text first."""
        return self.__dict__["_pairs"]

    def ambiguous(self) -> tuple[str, list[str]] | None:
        """A choice that reads like several others together, which no reader could tell apart."""
        for text, item in self.pairs:
            others = [pair for pair in self.pairs if pair[1] != item]
            ticked, left = self._parsed(text, others)
            if len(ticked) > 1 and not left:
                return text, [other for other, member in others if member in ticked]
        return None

    def parse(self, text: str) -> tuple[set[str], str]:
        """The items ticked in a cell, and what is left over: an open answer, or what is no choice.

        A cell that is made of choices alone is read as them, however they begin alike; `ways` says whether it could be
        read as others, too.
        """
        ways = self.ways(text)
        return (set(ways[0]), "") if ways else self._parsed(text, self.pairs)

    def ways(self, text: str) -> list[frozenset[str]]:
        """The different sets of choices, each once, that a cell can be made of without a rest; at most two."""
        bare = self.separator.strip() or self.separator
        found: list[frozenset[str]] = []
        open_ways: list[tuple[str, frozenset[str]]] = [(self._whole(text), frozenset())]
        for _ in range(MOST_STEPS):
            if not open_ways or len(found) == 2:
                return found
            rest, ticked = open_ways.pop()
            if not rest:
                found += [ticked] if ticked and ticked not in found else []
                continue
            for choice, item in reversed(self.pairs):
                after = rest[len(choice) :]
                if item not in ticked and rest.startswith(choice) and (not after or after.startswith(bare)):
                    open_ways.append((self._after(after, bare), ticked | {item}))
        return [frozenset(), frozenset(self.texts)]

    def _whole(self, text: str) -> str:
        return clear(text) if self.separator.strip() else " ".join(text.split())

    def _parsed(self, text: str, pairs: list[tuple[str, str]]) -> tuple[set[str], str]:
        sign = self.separator
        bare = sign.strip() or sign
        rest = self._whole(text)
        ticked: set[str] = set()
        left: list[str] = []
        while rest:
            found = self._choice(rest, bare, ticked, pairs)
            if found is not None:
                ticked.add(found[1])
                rest = self._after(rest[len(found[0]) :], bare)
                continue
            head, _, rest = rest.partition(bare)
            rest = rest.lstrip(" ") if sign != bare else rest
            left.append(head)
        over = bare.join(left).strip(" " + bare)
        if over and self.open is not None:
            ticked.add(self.open)
        return ticked, over

    @staticmethod
    def _after(rest: str, bare: str) -> str:
        return rest.removeprefix(bare).lstrip(" ") if bare != " " else rest.lstrip(" ")

    @staticmethod
    def _choice(rest: str, bare: str, ticked: set[str], pairs: list[tuple[str, str]]) -> tuple[str, str] | None:
        """The longest choice that stands at the beginning as a whole, each once."""
        for text, item in pairs:
            if rest.startswith(text) and item not in ticked:
                after = rest[len(text) :]
                if not after or after.startswith(bare):
                    return text, item
        return None


def code_boxes(column: Column, boxes: Boxes, missing: Mapping[str, str], reserved: Reserved) -> dict[str, Coded]:
    """For each item whether it was ticked; an item of a cell that holds what is no choice is BAD."""
    texts, indices = column.encoded()
    left: dict[int, str] = {}
    values = {item: np.zeros(len(texts), np.int32) for item in boxes.texts}
    for number, text in enumerate(texts):
        cleared = clear(text)
        reason = _reason(cleared, missing)
        ticked, over = (set(), "") if reason or not cleared else boxes.parse(text)
        is_unclear = bool(cleared) and reason is None and len(boxes.ways(text)) > 1
        if over or is_unclear:
            left[number] = over or f"{cleared}, which can be read as other choices as well,"
        for item, found in values.items():
            if not cleared:
                found[number] = BLANK
            elif reason is not None:
                found[number] = int(getattr(reserved, reason))
            else:
                found[number] = BAD if is_unclear or (over and boxes.open is None) else int(item in ticked)
    allowed = _allowed(dict.fromkeys((text for text, _ in boxes.pairs), 1))
    return {item: Coded(texts, indices, found, allowed, left) for item, found in values.items()}
