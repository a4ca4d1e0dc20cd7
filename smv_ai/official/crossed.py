"""A cross table in delimited text, as StatBank's own page exports it: categories down and across, titles above.

Down stand one or more dimensions, whose categories are not repeated; across one, or two above each other. What is
read is the same table that a row for each cell would give.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa

from smv_ai.intake.words import plain
from smv_ai.official.cells import (
    ABSENT,
    HAS_VALUE,
    MISSING,
    Dimension,
    OfficialTable,
    check_names,
    long_table,
    refuse,
)
from smv_ai.official.delimited import NO_NUMBERS
from smv_ai.official.recognise import decoded

PERIOD = re.compile(r"(19|20)\d\d([KQMHU]?\d{1,2})?")
WHOLE_NUMBER = re.compile(r"-?\d+([.,]0+)?")
LIKE_A_NUMBER = re.compile(r"-?\d[\d ., \u00a0]*")
# What the last column of a table with a row for each cell is called.
OF_CELLS = re.compile(r"indhold|(obs_)?value|værdi|antal.*|number.*|firmaer|firms|virksomheder|enterprises|n")
NAMES = re.compile(r".*?\b(?:efter|fordelt på|by)\b (.+)", re.IGNORECASE)
ONE_OR_SEVERAL = 2

Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class _Parts:
    """What stands where: lines above the table, rows of categories across, and the body; rows with their lines."""

    above: list[str]
    across: list[list[str]]
    body: Rows
    stub: int


def read_crossed(path: Path) -> OfficialTable | None:
    """The cross table in a file; None where it is of another form, such as one with a row for each cell.

    Raises BadInputError with file, line and way out where a cell is neither a whole number nor a sign for none, or
    where a category stands twice.
    """
    text = decoded(path)
    if text.lstrip()[:1] in ("{", "<") or re.match(r"\s*[A-Z][A-Z-]+(\[\w+\])?=", text) or "OBS_VALUE" in text[:2000]:
        return None
    parts = _parts(_rows(text))
    if parts is None:
        return None
    dimensions = tuple(_dimensions(path, parts))
    check_names(path, dimensions)
    title = next((line for line in parts.above if not PERIOD.fullmatch(line)), "")
    periods = {found.group() for line in parts.above for found in re.finditer(rf"\b{PERIOD.pattern}\b", line)}
    updated = periods.pop() if len(periods) == 1 else ""
    return OfficialTable("", title, "", updated, "cross table", dimensions, _cells(path, parts, dimensions))


def _rows(text: str) -> Rows:
    lines = [line for line in text.splitlines() if line.strip()]
    sign = max(";\t,", key=lambda one: sum(line.count(one) for line in lines[-5:]))
    found: Rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                found.append((reader.line_num, cells))
    except csv.Error:
        return []
    return found


def _parts(rows: Rows) -> _Parts | None:
    # titles, units and notes stand alone at the beginning of their line
    wide = [number for number, (_, cells) in enumerate(rows) if any(cells[1:])]
    if len(wide) < 2:
        return None
    above = [cells[0] or next(filter(None, cells)) for _, cells in rows[: wide[0]]]
    table = rows[wide[0] : wide[-1] + 1]
    first = next((number for number, (_, cells) in enumerate(table) if number and _is_number(cells[-1])), 0)
    width = max(len(cells) for _, cells in table)
    across = [cells + [""] * (width - len(cells)) for _, cells in table[:first]]
    body = [(line, cells + [""] * (width - len(cells))) for line, cells in table[first:] if any(cells[1:])]
    if not 1 <= first <= ONE_OR_SEVERAL or not body:
        return None
    stub = _stub(across[-1], body)
    filled = _filled(body, stub)
    keys = [tuple(cells[:stub]) for _, cells in filled]
    values = width - stub
    is_of_cells = values == 1 and not above
    if not stub or values < 1 or is_of_cells or len(set(keys)) < len(keys) or _is_long(across[-1], values):
        return None
    return _Parts(above, across, filled, stub)


def _is_long(head: list[str], values: int) -> bool:
    return values <= ONE_OR_SEVERAL and OF_CELLS.fullmatch(plain(head[-1])) is not None


def _is_number(text: str) -> bool:
    return text in NO_NUMBERS[1:] or LIKE_A_NUMBER.fullmatch(text) is not None


def _stub(head: list[str], body: Rows) -> int:
    """How many columns name categories: those before the first that holds numbers which are no periods."""
    for position in range(len(head)):
        cells = [cells[position] for _, cells in body if cells[position]]
        if cells and all(map(_is_number, cells)) and not all(PERIOD.fullmatch(cell) for cell in cells):
            return position
    return 0


def _filled(body: Rows, stub: int) -> Rows:
    """The rows with the categories that are not repeated; after a new one, those to its right begin anew."""
    found: Rows = []
    last = [""] * stub
    for line, cells in body:
        start = next((number for number in range(stub) if cells[number]), stub)
        last = [*last[:start], *cells[start:stub]]
        found.append((line, [*last, *cells[stub:]]))
    return found


def _dimensions(path: Path, parts: _Parts) -> Iterator[Dimension]:
    heads = parts.across[-1][: parts.stub]
    across = [list(_spread(row[parts.stub :])) for row in parts.across]
    names = _names(parts, heads, len(across))
    for position in range(parts.stub):
        codes = tuple(dict.fromkeys(cells[position] for _, cells in parts.body))
        if "" in codes:
            line = next(line for line, cells in parts.body if not cells[position])
            refuse(path, f"line {line}, column {position + 1}", "names no category", "export the table anew")
        yield Dimension(names[position], names[position], codes, codes)
    columns = list(zip(*across, strict=True))
    if len(set(columns)) < len(columns) or any(not text for column in columns for text in column):
        refuse(path, "head", "has a column without a category, or two with the same", "export the table anew")
    for level, row in enumerate(across):
        codes = tuple(dict.fromkeys(row))
        name = names[parts.stub + level]
        yield Dimension(name, name, codes, codes)


def _spread(row: list[str]) -> Iterator[str]:
    """Categories across, each until the next."""
    last = ""
    for cell in row:
        last = cell or last
        yield last


def _names(parts: _Parts, heads: list[str], levels: int) -> list[str]:
    """What the dimensions are called: by the head, by the title ('… efter branche, størrelse og tid'), or by place."""
    across = [plain(text) for row in parts.across for text in row[parts.stub :] if text]
    titled = next((found[1] for line in parts.above if (found := NAMES.fullmatch(line))), "")
    said = [name.strip() for name in re.split(r",| og | and ", titled) if name.strip()]
    down = [head or "" for head in heads]
    if len(said) == parts.stub + levels:
        return [head or name for head, name in zip([*down, *[""] * levels], said, strict=True)]
    last = ["tid"] if all(map(PERIOD.fullmatch, across)) else [f"columns {n}" if levels > 1 else "columns"
                                                               for n in range(1, levels + 1)]  # fmt: skip
    rows = [head or (f"rows {number}" if parts.stub > 1 else "rows") for number, head in enumerate(down, 1)]
    return [*rows, *last]


def _cells(path: Path, parts: _Parts, dimensions: tuple[Dimension, ...]) -> pa.Table:
    """A row for each cell, row-major."""
    across = list(zip(*(_spread(row[parts.stub :]) for row in parts.across), strict=True))
    places = {
        (*cells[: parts.stub], *key): (line, cell)
        for line, cells in parts.body
        for key, cell in zip(across, cells[parts.stub :], strict=True)
    }
    values, flags, states = [], [], []
    for key in product(*(dimension.codes for dimension in dimensions)):
        line, cell = places.get(key, (0, ""))
        if cell and cell not in NO_NUMBERS and not WHOLE_NUMBER.fullmatch(cell) or re.fullmatch(r"\d+[.,]000", cell):
            refuse(
                path, f"line {line}", f"'{cell}' is no whole number; marks between thousands can be read in two ways",
                "export the numbers without them",
            )  # fmt: skip
        is_number = bool(cell) and cell not in NO_NUMBERS
        values.append(float(cell.replace(",", ".")) if is_number else np.nan)
        flags.append("" if is_number else cell)
        states.append(HAS_VALUE if is_number else MISSING if key in places else ABSENT)
    return long_table(dimensions, np.array(values), pa.array(flags, pa.string()), pa.array(states, pa.string()))
