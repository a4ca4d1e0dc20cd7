"""The cells of a workbook that this project wrote. Not a reader of Excel: formulas, dates and styles are left out."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
MOST_BYTES = 64 * 2**20


def sheets(content: bytes) -> list[list[list[object]]]:
    """The rows of each sheet in the order of the sheets; a missing cell is None, numbers are floats."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        if sum(part.file_size for part in book.infolist()) > MOST_BYTES:
            raise ValueError("it unpacks to more than any figure has")
        names = [name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", name)]
        names.sort(key=lambda name: int(re.sub(r"\D", "", name)))
        words = _words(_parsed(book.read("xl/sharedStrings.xml"))) if "xl/sharedStrings.xml" in book.namelist() else []
        return [_rows(_parsed(book.read(name)), words) for name in names]


def _parsed(text: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError("it declares entities, which no workbook of ours does")
    return ElementTree.fromstring(text)


def _words(shared: ElementTree.Element) -> list[str]:
    """The texts of the cells; `_x000D_` stands for what XML cannot hold (ECMA-376, part 1, 22.9.2.19)."""
    words = ("".join(part.text or "" for part in item.iter(f"{SPREADSHEET}t")) for item in shared)
    return [ESCAPED.sub(lambda found: chr(int(found[1], 16)), word) for word in words]


def _column(reference: str) -> int:
    """The place of a cell such as `AB7`, from 0."""
    place = 0
    for letter in re.sub(r"[^A-Z]", "", reference):
        place = place * 26 + ord(letter) - 64
    return place - 1


def _rows(sheet: ElementTree.Element, words: list[str]) -> list[list[object]]:
    rows: list[list[object]] = []
    for row in sheet.iter(f"{SPREADSHEET}row"):
        cells: dict[int, object] = {}
        for cell in row.iter(f"{SPREADSHEET}c"):
            cells[_column(cell.get("r", "A1"))] = _value(cell, words)
        rows.append([cells.get(place) for place in range(max(cells, default=-1) + 1)])
    width = max(map(len, rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def _value(cell: ElementTree.Element, words: list[str]) -> object:
    value = cell.find(f"{SPREADSHEET}v")
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SPREADSHEET}t"))
    if value is None or value.text is None:
        return None
    if cell.get("t") == "s":
        return words[int(value.text)]
    if cell.get("t") == "b":
        return value.text == "1"
    return value.text if cell.get("t") == "str" else float(value.text)
