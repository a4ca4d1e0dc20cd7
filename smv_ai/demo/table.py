"""The responses while they are made: columns of whole numbers, for all respondents or for some of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import numpy as np

from smv_ai.survey.codebook import NO_ANSWER, DerivedColumn

NULL = -99


class Table:
    """Columns by name: codes of items as they are, values of text columns by their place in `labels`; NULL for none.

    A table of some respondents (`take`) reads the columns of the whole table when they are asked for and keeps what
    is set to itself, so that a change can be tried before it is made.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.labels: dict[str, list[str]] = {}
        self.columns: dict[str, np.ndarray] = {}
        self._whole: Self | None = None
        self._rows = np.arange(size)

    def __contains__(self, name: str) -> bool:
        return name in self.columns or (self._whole is not None and name in self._whole)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns and self._whole is not None:
            self.columns[name] = self._whole[name][self._rows]
        return self.columns[name]

    def __setitem__(self, name: str, values: np.ndarray) -> None:
        self.columns[name] = values

    def take(self, rows: np.ndarray) -> Self:
        """A table of these respondents (places in this one)."""
        part = type(self)(len(rows))
        part.labels, part._whole, part._rows = self.labels, self, rows
        return part

    def set_text(self, name: str, values: Iterable[str]) -> None:
        """Set a text column."""
        texts = list(values)
        self.labels[name] = sorted(set(texts))
        place = {label: number for number, label in enumerate(self.labels[name])}
        self[name] = np.array([place[text] for text in texts], dtype=np.int16)

    def texts(self, name: str) -> list[str | None]:
        """The values of a text column."""
        labels = self.labels[name]
        return [None if code == NULL else labels[code] for code in self[name]]

    def codes_of(self, name: str, values: Iterable[str]) -> list[int]:
        """The numbers by which a column holds these values; values it cannot hold are left out."""
        labels = self.labels.get(name)
        if labels is None:
            return [int(value) for value in values]
        return [labels.index(value) for value in values if value in labels]

    def has(self, name: str, values: Iterable[str]) -> np.ndarray:
        """Who has one of the values in the column."""
        column = self[name]
        found = np.zeros(self.size, dtype=bool)
        for code in self.codes_of(name, values):
            found |= column == code
        return found

    def fits(self, conditions: dict[str, tuple[str, ...]]) -> np.ndarray:
        """Who has, in each of the columns, one of its values."""
        found = np.ones(self.size, dtype=bool)
        for name, values in conditions.items():
            found &= self.has(name, values)
        return found


def derive(table: Table, derived: DerivedColumn, *, is_item: bool) -> np.ndarray:
    """The column by its rules, as docs/responses.md has them: the first rule that holds gives the value.

    No rule holds: no answer where the column is an item, null where it is a text.
    """
    if not is_item and derived.column not in table.labels:
        table.labels[derived.column] = sorted({value for value, _ in derived.rules})
    result = np.full(table.size, NO_ANSWER if is_item else NULL, dtype=np.int16)
    is_open = np.ones(table.size, dtype=bool)
    for value, conditions in derived.rules:
        holds = is_open.copy()
        for condition in conditions:
            count = np.zeros(table.size, dtype=np.int16)
            for name in condition.columns:
                count += table.has(name, condition.values)
            holds &= count >= condition.at_least
        result[holds] = int(value) if is_item else table.codes_of(derived.column, [value])[0]
        is_open &= ~holds
    return result
