"""Which columns and values the responses of a wave have: by the catalogue, and by its files or demonstration plan."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from smv_ai.suggest import allowed_in_words, is_near_miss

Row = dict[str, str]
# The columns of one wave's files, each with what gives its values as text (None where they are not to be listed).
Columns = dict[str, Callable[[], list[str] | None]]


class Loaded(NamedTuple):
    """What a wave's columns were read from, as messages show it, and the columns."""

    place: str
    columns: Columns


WAVE = "survey_wave_id"
ALWAYS = {WAVE, "survey_id", "respondent_id", "stratum_id", "psu_id", "design_weight", "stratum_population_size"}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
QUOTES = re.compile(r"[\"'`;\\]|[\x00-\x1f]")


@dataclass
class ResponseColumns:
    """What responses hold, as the catalogue and the files say.

    `seeds`: rows by seed; `dimensions`: the codes of each dimension; `loaded`: the columns of waves with a file or
    plan; `reserved`: codes that stand for no answer.
    """

    seeds: dict[str, list[Row]]
    dimensions: dict[str, list[str]] = field(default_factory=dict)
    loaded: dict[str, Loaded] = field(default_factory=dict)
    reserved: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.items: dict[tuple[str, str], Row] = {}
        self.options: dict[tuple[str, str], list[str]] = {}
        self.derived: dict[str, dict[str, list[str]]] = {}
        for row in self.seeds["response_items"]:
            self.items[row[WAVE], row["column_name"]] = row
        for row in self.seeds["response_options"]:
            self.options.setdefault((row[WAVE], row["item_id"]), []).append(row["code"])
        for row in self.seeds["derived_columns"]:
            self.derived.setdefault(row[WAVE], {}).setdefault(row["column_name"], []).append(row["value"])
        self.named = self._named()

    def _named(self) -> dict[str, int]:
        """The columns that the catalogue names, and how often: what a wave without files is compared with."""
        names = Counter(column for _, column in self.items)
        names.update(row["column_name"] for row in self.seeds["derived_columns"])
        names.update(row["column_name"] for row in self.seeds["estimation_domains"] + self.seeds["calibration_margins"])
        for row in self.seeds["estimation_breakdowns"]:
            names.update(row["breakdown_columns"].split(";"))
        names.update({name: 1000 for name in self.dimensions})
        return names

    def waves_of(self, row: Row, through: str | None) -> list[str]:
        """The waves that a row is about: its own, or those of the designs that use its set."""
        designs = self.seeds["estimation_designs"]
        rows = [found for found in designs if found[through] == row[through]] if through else [row]
        waves = [found.get(key, "") for found in rows for key in (WAVE, "earlier_survey_wave_id")]
        return list(dict.fromkeys(wave for wave in waves if wave))

    def of_designs(self, row: Row, through: str | None, column: str) -> list[str]:
        """What the designs that use the set of the row have in a column."""
        designs = [found for found in self.seeds["estimation_designs"] if found[through or ""] == row[through or ""]]
        return list(dict.fromkeys(found[column] for found in designs if found[column]))

    def column_fault(self, name: str, waves: Iterable[str]) -> str | None:
        """What is wrong with the name of a column in these waves; None where nothing is."""
        if QUOTES.search(name) or not name:
            return f"'{name}' is no name of a column; quotes, semicolons and control characters are not allowed"
        if name in ALWAYS:
            return None
        for wave in waves:
            if wave in self.loaded:
                known = list(dict.fromkeys([*self.derived.get(wave, {}), *self.loaded[wave].columns]))
                if name not in known:
                    place = f"is neither a column of the responses of wave {wave} nor derived"
                    return f"'{name}' {place}; {allowed_in_words(name, known)}"
            elif near := self._near(name):
                return f"'{name}' looks like column '{near}'; did you mean '{near}'?"
        return None

    def _near(self, name: str) -> str | None:
        """No file or plan tells: the column that the catalogue names more often and that this one looks like."""
        known = [other for other in self.named if self.named[other] > self.named.get(name, 0)]
        return next((other for other in known if is_near_miss(name, other)), None)

    def values(self, column: str, wave: str) -> list[str] | None:
        """The values that a column has in a wave; None where they cannot be listed."""
        item = self.items.get((wave, column))
        if item is not None:
            options = self.options.get((wave, item["item_id"]), [])
            return [*options, *self.reserved] if item["value_kind"] == "code" else None
        if column in self.derived.get(wave, {}):
            return self.derived[wave][column]
        if column in self.dimensions:
            return self.dimensions[column]
        values = self.loaded[wave].columns.get(column) if wave in self.loaded else None
        return values() if values is not None else None

    def loaded_faults(self) -> list[str]:
        """Values in files and plans that are no code of the dimension that a design of the wave breaks down by."""
        faults = []
        for design in self.seeds["estimation_designs"]:
            breakdowns = [
                column
                for row in self.seeds["estimation_breakdowns"]
                if row["breakdown_set_id"] == design["breakdown_set_id"]
                for column in row["breakdown_columns"].split(";")
            ]
            for wave in self.waves_of(design, None):
                place, columns = self.loaded.get(wave, Loaded("", {}))
                for column in dict.fromkeys(breakdowns):
                    if column in self.dimensions and column in columns:
                        known = self.dimensions[column]
                        wrong = [value for value in columns[column]() or [] if value not in known]
                        faults += [
                            f"{place}: '{value}' in column {column} is no code; {allowed_in_words(value, known)}"
                            for value in wrong
                        ]
        return list(dict.fromkeys(faults))

    def value_fault(self, value: str, column: str, waves: list[str]) -> str | None:
        """What is wrong with a value of a column in these waves; None where nothing is."""
        for wave in waves:
            known = waves if column == WAVE else self.values(column, wave)
            if known is not None and value not in known:
                return f"'{value}' is no value of {column} in wave {wave}; {allowed_in_words(value, known)}"
        return None

    def derived_fault(self, value: str, column: str, wave: str) -> str | None:
        """What is wrong with the value that a rule gives a derived column; None where nothing is."""
        item = self.items.get((wave, column))
        if item is not None and item["value_kind"] == "number":
            wrong = not NUMBER.fullmatch(value)
            return f"'{value}' is not a number, but {column} is an item of numbers" if wrong else None
        if item is not None or column in self.dimensions:
            known = self.values(column, wave) if item is not None else self.dimensions[column]
            place = f"neither an option of {column} nor a reserved code" if item else f"no code of {column}"
            return (
                f"'{value}' is {place}; {allowed_in_words(value, known or [])}" if value not in (known or []) else None
            )
        counts = Counter(text for columns in self.derived.values() for text in columns.get(column, []))
        near = [text for text in counts if counts[text] > counts[value] and is_near_miss(value, text)]
        return (
            f"'{value}' looks like '{near[0]}', another value of {column}; did you mean '{near[0]}'?" if near else None
        )
