"""Workbooks by python-calamine: whole numbers, other numbers, dates and text told apart; a formula is no answer."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any

import python_calamine as calamine

from smv_ai.errors import BadInputError
from smv_ai.intake.reading import apart

CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
LETTERS = re.compile(rb'\br="([A-Z]{1,3})\d')
FORMULA = re.compile(rb"<f[\s>/]")
# A library that makes a full rectangle of cells must not be given one of this size.
MOST_CELLS = 12_000_000
# Sheets that describe the answers instead of holding them.
DESCRIBING = {
    "structure", "struktur", "labels", "variables", "variabler", "completion", "codebook", "kodebog", "settings",
    "survey", "choices", "summary", "oversigt",
}  # fmt: skip


def read_workbook(path: Path, folder: Path, sheet: str | None) -> None:
    """Write the cells of a sheet, and those of the sheets that describe it, to a folder. Raises BadInputError."""
    _check_sheets(path)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        chosen, read = _chosen(book, names, sheet)
        cells, merged = read.to_python(skip_empty_area=False), read.merged_cell_ranges or []
        others = {
            name: [
                [_text(cell)[0] for cell in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in names
            if name != chosen and (name.lower().strip() in DESCRIBING)
        }
    except BadInputError:
        raise
    except Exception as error:  # noqa: BLE001 - the library has many errors of its own
        raise BadInputError(f"is no whole workbook ({_reason(error)}); export it anew") from error
    columns, numeric = _columns(cells)
    apart.write(folder, columns, numeric, sheet=chosen, meta={
        "sheets": names, "others": others,
        # the row that each ends in, and its cells: "C5:C8"
        "merged": [[last[0] + 1, f"{_letters(first[1])}{first[0] + 1}:{_letters(last[1])}{last[0] + 1}"]
                   for first, last in merged],
    })  # fmt: skip


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _chosen(book: calamine.CalamineWorkbook, names: list[str], sheet: str | None) -> tuple[str, calamine.CalamineSheet]:
    """The sheet that is meant, by its name, or the first with answers; each is read once."""
    if sheet is not None:
        if sheet not in names:
            raise BadInputError(f"has no sheet '{sheet}'; it has {', '.join(names)}. Correct source.sheet")
        return sheet, book.get_sheet_by_name(sheet)
    if {"survey", "choices"} <= {name.lower() for name in names}:
        name = next(name for name in names if name.lower() == "survey")
        return name, book.get_sheet_by_name(name)
    for name in [name for name in names if name.lower().strip() not in DESCRIBING] or names:
        read = book.get_sheet_by_name(name)
        if read.to_python(nrows=2):
            return name, read
    raise BadInputError("holds no filled sheet; export it anew")


def _check_sheets(path: Path) -> None:
    """Refuse sheets whose rectangle of cells is too large, or that hold formulas, whose values nobody has to have."""
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", info.filename):
                    _check_sheet(archive.read(info), info.filename.removeprefix("xl/worksheets/"))
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise BadInputError(f"is no whole workbook ({error}); export it anew") from error


def _check_sheet(data: bytes, name: str) -> None:
    if (found := FORMULA.search(data)) is not None:
        before = [match for match in CELL.finditer(data, max(0, found.start() - 300), found.start())]
        cell = b"".join(before[-1].groups()).decode() if before else "a cell"
        raise BadInputError(f"{name}: {cell} holds a formula; an export holds values. Paste the cells as values")
    widest = max(map(_number, set(LETTERS.findall(data))), default=0)
    digits = next(
        (number for number in range(1, 9) if not re.search(rb'<c\b[^>]*?\br="[A-Z]{1,3}\d{%d}' % number, data)), 9
    )
    # asking millions of cells for their row takes long; that all of them have few digits is soon said
    is_small = 10 ** (digits - 1) * widest <= MOST_CELLS
    last_row = 0 if is_small else max((int(row) for _, row in CELL.findall(data)), default=0)
    if last_row * widest > MOST_CELLS:
        rectangle = f"{last_row:,} rows and {widest:,} columns"
        raise BadInputError(
            f"{name}: reaches over {rectangle}; delete what stands far below or to the right, or use CSV"
        )


def _letters(column: int) -> str:
    """The letters of a column by its position: A, ..., Z, AA, ..."""
    rest, letter = divmod(column, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + letter)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: Any) -> tuple[str, bool]:
    """A cell as text, and whether it was a number."""
    if isinstance(cell, str):
        return cell, False
    if isinstance(cell, bool):
        return ("TRUE" if cell else "FALSE"), False
    if isinstance(cell, int):
        return str(cell), True
    if isinstance(cell, float):
        return (str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)), True
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat(sep=" ") if isinstance(cell, dt.datetime) else cell.isoformat(), False
    return ("" if cell is None else str(cell)), False


def _columns(rows: list[list[Any]]) -> tuple[list[list[str]], dict[int, list[bool]]]:
    width = max(map(len, rows), default=0)
    columns: list[list[str]] = []
    numeric: dict[int, list[bool]] = {}
    for position in range(width):
        cells = [row[position] if position < len(row) else "" for row in rows]
        # each different cell once; true and 1 are the same key, and not the same text
        told = {cell: _text(cell) for cell in set(cells)} if bool not in set(map(type, cells)) else None
        pairs = [told[cell] for cell in cells] if told is not None else [_text(cell) for cell in cells]
        columns.append([text for text, _ in pairs])
        flags = [is_number for _, is_number in pairs]
        if any(flags):
            numeric[position] = flags
    return columns, numeric
