"""Which columns and values the responses of a wave have: by its survey file, and by its files or demonstration plan."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from smv_ai.suggest import allowed_in_words, is_near_miss
from smv_ai.survey.file.items import AskedItem, WaveFile
from smv_ai.survey.file.names import DIMENSIONS

# The columns of one wave's files, each with what gives its values as text (None where they are not to be listed).
Columns = dict[str, Callable[[], list[str] | None]]


class Loaded(NamedTuple):
    """What a wave's columns were read from, as messages show it, the columns, and which of them are text."""

    place: str
    columns: Columns
    texts: frozenset[str] = frozenset()


WAVE = "survey_wave_id"
DESIGN_COLUMNS = ("survey_id", "respondent_id", "stratum_id", "psu_id", "design_weight", "stratum_population_size")
ALWAYS = (WAVE, *DESIGN_COLUMNS)
STAR = "*"
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
NOT_IN_NAMES = re.compile(r"[\"'`;\\]|[\x00-\x1f]")


def is_number(text: str) -> bool:
    """Whether a text is a finite number, with a decimal point."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


class KnownColumns:
    """The columns of one wave: of its file of answers, of its items and groups, and the product's dimensions."""

    def __init__(self, wave: WaveFile, loaded: Loaded | None, reserved: tuple[str, ...]) -> None:
        self.wave, self.loaded, self.reserved = wave, loaded, reserved
        self.items: dict[str, AskedItem] = {item.column: item for item in wave.items}
        self.item_by_id = wave.item_by_id

    def names(self) -> list[str]:
        """All columns that may be named."""
        own = [*self.items, *self.wave.file.groups]
        return list(dict.fromkeys([*own, *(self.loaded.columns if self.loaded else DIMENSIONS)]))

    def fault(self, name: str) -> str | None:
        """What is wrong with the name of a column; None where nothing is."""
        if NOT_IN_NAMES.search(name) or not name:
            return f"'{name}' is no name of a column; quotes, semicolons and control characters are not allowed"
        if name.endswith(STAR):
            return f"no question of the file begins with '{name[:-1]}'; {allowed_in_words(name[:-1], self.names())}"
        if name in ALWAYS or name in self.names():
            return None
        if self.loaded is not None:
            place = f"neither a question or group of the file nor a column of {self.loaded.place}"
            return f"'{name}' is {place}; {allowed_in_words(name, self.names())}"
        near = next((other for other in self.names() if is_near_miss(name, other)), None)
        return f"'{name}' looks like '{near}'; did you mean '{near}'?" if near else None

    def number_fault(self, name: str, what: str) -> str | None:
        """What is wrong with a column that must hold numbers, or with its name; `what` says why.

        Text is looked at where its values are few; others are named by the rules of the responses.
        """
        if (fault := self.fault(name)) is not None:
            return fault
        item = self.items.get(name)
        if name in self.wave.file.groups or (item is not None and not item.question.number):
            return f"'{name}' has answer codes or groups and no numbers; {what}"
        values = self.values(name) if self.loaded is not None and name in self.loaded.texts else None
        other = next((value for value in values or [] if not is_number(value)), None)
        return f"'{name}' holds '{other}', which is no number; {what}" if other is not None else None

    def values(self, name: str) -> list[str] | None:
        """The values that a column may have, as text; None where they cannot be listed."""
        if (item := self.items.get(name)) is not None:
            return None if item.question.number else [*(str(code) for code in item.options), *self.reserved]
        group = self.wave.file.groups.get(name)
        if group is not None and group.rules:
            return list(group.rules)
        if name in DIMENSIONS:
            return list(self.wave.names.of(name))
        found = self.loaded.columns.get(name) if self.loaded else None
        return found() if found is not None else None

    def value_faults(self, name: str, values: Iterable[str]) -> list[str]:
        """What is wrong with values that a column is compared with."""
        if name in ALWAYS or (known := self.values(name)) is None:
            return []
        return [
            f"'{value}' is no value of {name}; {allowed_in_words(value, known)}"
            for value in values
            if value not in known
        ]
