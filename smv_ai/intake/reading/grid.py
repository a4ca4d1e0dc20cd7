"""The raw cells of one file: text by column, with what was a number in the file told apart."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from smv_ai.survey.texts import clear

# its functions are made when it is imported, which the types do not show
pc: Any = pyarrow.compute


@dataclass(frozen=True)
class Ragged:
    """A row that has not as many cells as the others: its number in the file and its cells."""

    row: int
    cells: list[str]


@dataclass(frozen=True)
class Grid:
    """The cells of a file or sheet, header rows and all; blank is the empty text.

    `columns` are arrays of text of the same length; `numeric` has, for a column in which the file itself holds numbers,
    an array of truths. `rows` are the numbers of the rows as a person counts them in the file.
    """

    columns: list[pa.Array]
    numeric: dict[int, np.ndarray] = field(default_factory=dict)
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    ragged: list[Ragged] = field(default_factory=list)
    names: list[str] | None = None
    """Names of the columns where the format keeps them apart from the rows."""
    meta: dict[str, Any] = field(default_factory=dict)

    def row(self, number: int) -> list[str]:
        """The cells of a row by its position."""
        return [column[number].as_py() for column in self.columns]

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0


@dataclass(frozen=True)
class Column:
    """A column of answers below the header: `label` is what further header rows say of it."""

    name: str
    label: str
    text: pa.Array
    numeric: np.ndarray | None = None

    @functools.cached_property
    def _encoded(self) -> tuple[list[str], np.ndarray]:
        found = self.text.dictionary_encode()
        return found.dictionary.to_pylist(), found.indices.to_numpy(zero_copy_only=False)

    def encoded(self) -> tuple[list[str], np.ndarray]:
        """The different texts, and for each row which of them it holds."""
        return self._encoded

    @functools.cached_property
    def counts(self) -> list[int]:
        """How many rows hold each of the different texts."""
        texts, indices = self._encoded
        return np.bincount(indices, minlength=len(texts)).tolist()

    @functools.cached_property
    def is_filled(self) -> np.ndarray:
        """For each row whether it holds anything but blanks."""
        texts, indices = self._encoded
        if not texts:
            return np.zeros(0, bool)
        return pc.not_equal(pc.utf8_trim_whitespace(pa.array(texts)), "").to_numpy(zero_copy_only=False)[indices]


@dataclass(frozen=True)
class RawTable:
    """The answers of an export: columns by name, in the order of the file."""

    columns: dict[str, Column]
    rows: np.ndarray
    repeated: dict[str, int]
    """Headers that stand there several times, with how often; the second is called `header (2)`."""
    ragged: list[Ragged]
    header: list[list[str]]

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows)


def shown(text: str) -> str:
    """A header or a label as people read it: one space between words, no hard spaces, no invisible characters."""
    return clear(text)


def table_from(grid: Grid, header_rows: int, first: int = 0) -> RawTable:
    """The table below `header_rows` rows of headers that begin at position `first`."""
    header = [grid.row(number) for number in range(first, first + header_rows)]
    names = grid.names or (header[0] if header else [f"column {n}" for n in range(1, len(grid.columns) + 1)])
    start = first + header_rows
    columns: dict[str, Column] = {}
    seen: dict[str, int] = {}
    for position, raw in enumerate(names):
        text = grid.columns[position].slice(start)
        name = shown(raw)
        if not name:
            if not len(text) or pc.all(pc.equal(text, "")).as_py():
                continue
            name = f"column {position + 1}"
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        # names of their own already hold what further rows of headers say
        label = "" if grid.names else next((shown(row[position]) for row in header[1:] if row[position]), "")
        numeric = grid.numeric.get(position)
        columns[unique] = Column(unique, label, text, None if numeric is None else numeric[start:])
    repeated = {name: count for name, count in seen.items() if count > 1}
    return RawTable(columns, grid.rows[start:], repeated, grid.ragged, header)
