"""A sheet of the workbook that is written from the top: its texts, its heights, its look on the screen and on paper."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from smv_ai.tabulation.edition import Edition

MOST_LETTERS = 31  # of the name of a sheet
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
MOST_IN_A_CELL = 32_767
MOST_IN_A_FOOTER = 200  # letters of the 255 that Excel allows for all of it
A4 = 9
# The printed page within its margins, in inches: across, down.
PAPER = {"portrait": (7.27, 10.2), "landscape": (10.69, 6.8)}
PIXELS, POINTS = 96, 72  # an inch
MOST_PRESSED = 1.25  # pages that are pressed onto one
LEAST_UPRIGHT = 70  # per cent that a page may be shrunk to before it is turned
LETTERS_A_WIDTH = 1.12  # letters are narrower than the digit that widths count
LINE_HEIGHT = 15
FONT_SIZE = 11
LINK = {"font_color": "#1F5FA8", "underline": 1}
INK, GREY, RULE, BAND, ALARM, ALARM_BAND = "#1F2933", "#5F6B76", "#9AA5B1", "#EEF2F6", "#A61B1B", "#FDECEA"


def sheet_name(number: int, title: str) -> str:
    """A name that Excel takes: at most 31 letters, none of []:*?/\\, not beginning or ending with an apostrophe.

    The number at its head tells apart titles that begin alike.
    """
    text = " ".join(FORBIDDEN.sub(" ", f"{number} {title}").split())
    short = text
    while len(short.encode("utf-16-le")) > 2 * MOST_LETTERS:  # as Excel counts
        short = short[:-1]
    if short != text and len(short.rsplit(" ", 1)[0]) > MOST_LETTERS // 2:
        short = short.rsplit(" ", 1)[0]  # no half words
    return short.strip().strip("'").strip()


def link_to(name: str) -> str:
    """The address of the first cell of a sheet."""
    return f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1"


def footer_text(text: str) -> str:
    """A text for the head or foot of a printed page, where an ampersand begins a command."""
    while len(text.replace("&", "&&")) > MOST_IN_A_FOOTER:
        text = text[:-1]
    return text.replace("&", "&&")


def rows_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of this many characters, broken at words."""
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > width:
            lines, used = lines + 1, 0
        used += len(word) + (1 if used else 0)
        lines += max(0, math.ceil(used / width) - 1) if used > width else 0
    return lines


def room_of(widths: Sequence[float]) -> float:
    """How many letters fit into cells of these widths side by side: each has some space beside its characters."""
    return (sum(widths) + 0.7 * (len(widths) - 1)) * LETTERS_A_WIDTH


class Styles:
    """The formats of a workbook; each is made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple, Format] = {}

    def __call__(self, **properties: Any) -> Format:
        """The format with these properties of xlsxwriter."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **properties})
        return self._made[key]


class Page:
    """A sheet that is written from the top: head, tables, legend. `row` is the next free one."""

    def __init__(
        self, sheet: Worksheet, styles: Styles, edition: Edition, last_column: int, widths: list[float]
    ) -> None:
        self.sheet, self.styles, self.edition, self.words = sheet, styles, edition, edition.words
        self.last_column, self.widths = last_column, widths
        self.row = 0
        self.heights: dict[int, float] = {}
        self.starts: list[int] = []  # rows at which a printed page may begin
        sheet.hide_gridlines(2)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, styles())

    def text(self, text: str, **properties: Any) -> None:
        """A paragraph over the width of the page, broken where it must be."""
        shown = self.styles(text_wrap=True, **properties)
        size = properties.get("font_size", FONT_SIZE)
        room = room_of(self.widths[: self.last_column + 1]) * FONT_SIZE / size
        rows = rows_of(text, room * (0.93 if properties.get("bold") else 1))
        self.sheet.merge_range(self.row, 0, self.row, self.last_column, "", shown)
        self.sheet.write_string(self.row, 0, text[:MOST_IN_A_CELL], shown)
        self.height(rows * LINE_HEIGHT * max(1.0, size / FONT_SIZE) + 1)
        self.row += 1

    def height(self, points: float) -> None:
        """Set the height of the row that is being written."""
        self.sheet.set_row(self.row, points)
        self.heights[self.row] = points

    def back(self, name: str) -> None:
        """The way back to the contents."""
        link = self.styles(**LINK, font_size=9)
        self.sheet.write_url(self.row, 0, link_to(name), link, self.words["back"])
        self.row += 1

    def banner(self) -> None:
        """Of a demonstration, or of private figures: that they are."""
        for text in self.edition.banners:
            self.text(text, bold=True, font_color=ALARM, bg_color=ALARM_BAND)

    def printed(self, *, repeat_to: int) -> None:
        """A4, as wide as the paper, the head on every page, source and page number at the foot."""
        sheet = self.sheet
        sheet.set_paper(A4)
        across = sum(7 * width + 5 for width in self.widths) / PIXELS
        scales = {way: min(100.0, 95 * size[0] / across) for way, size in PAPER.items()}
        way = "portrait" if scales["portrait"] >= LEAST_UPRIGHT else "landscape"
        if way == "landscape":
            sheet.set_landscape()
        page = 100 * POINTS * PAPER[way][1] / scales[way]
        is_one_page = self._points(0, self.row) <= MOST_PRESSED * page
        sheet.fit_to_pages(1, 1 if is_one_page else 0)
        if not is_one_page:
            sheet.set_h_pagebreaks(self._breaks(page, repeat_to))
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        sheet.repeat_rows(0, repeat_to)
        if self.edition.banners:
            kinds = ", ".join(text.split(":")[0] for text in self.edition.banners)
            sheet.set_header(f'&C&"Calibri,Bold"&K{ALARM[1:]}{kinds}')
            sheet.set_tab_color(ALARM)
        source = footer_text(self.edition.source_line)
        sheet.set_footer(f"&L&8{source}&R&8{self.words['page']} &P {self.words['of']} &N")

    def _points(self, first: int, end: int) -> float:
        """The height of the rows from the first up to the end."""
        return sum(self.heights.get(row, LINE_HEIGHT) for row in range(first, end))

    def _breaks(self, page: float, repeat_to: int) -> list[int]:
        """The starts before which a page must end, so that what begins there is not cut: pages of this many points."""
        points = self._points
        head, breaks, used = points(0, repeat_to + 1), [], points(0, min([*self.starts, self.row]))
        for start, end in pairwise([*self.starts, self.row]):
            needed = points(start, end)
            if used + needed > page and used > head:
                breaks.append(start)
                used = head
            used = head + (used - head + needed) % (page - head) if page > head else used + needed
        return breaks
