"""The Excel workbook: contents with links, a sheet for each question, notes, and the figures in rows.

Texts are written as texts and numbers as numbers, whatever they look like. A cell never holds a formula.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from smv_ai.tables.edition import Edition
from smv_ai.tables.layout import Line, Table, layout_of
from smv_ai.tables.questions import Block, Cell, Question
from smv_ai.tables.tidy import tidy

MOST_LETTERS = 31  # of the name of a sheet
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
MOST_IN_A_CELL = 32_767
MOST_IN_A_FOOTER = 250
A4 = 9
# The printed page within its margins, in inches: across, down.
PAPER = {"portrait": (7.27, 10.2), "landscape": (10.69, 6.8)}
PIXELS, POINTS = 96, 72  # an inch
MOST_PRESSED = 1.25  # pages that are pressed onto one
LEAST_UPRIGHT = 70  # per cent that a page may be shrunk to before it is turned
LEAST_LABEL, MOST_LABEL = 26, 52  # characters of the first column
LETTERS_A_WIDTH = 1.08  # letters are narrower than the digit that widths count
LINE_HEIGHT = 15
FONT_SIZE = 11
INK, GREY, RULE, BAND, ALARM, ALARM_BAND = "#1F2933", "#5F6B76", "#9AA5B1", "#EEF2F6", "#A61B1B", "#FDECEA"
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Calibri", "font_size": FONT_SIZE, "font_color": INK},
}


def sheet_name(number: int, title: str) -> str:
    """A name that Excel takes: at most 31 letters, none of []:*?/\\, not beginning or ending with an apostrophe.

    The number at its head tells apart titles that begin alike.
    """
    text = " ".join(FORBIDDEN.sub(" ", f"{number} {title}").split())
    return text[:MOST_LETTERS].strip().strip("'").strip()


def link_to(name: str) -> str:
    """The address of the first cell of a sheet."""
    return f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1"


def _footer_text(text: str) -> str:
    """A text for the head or foot of a printed page, where an ampersand begins a command."""
    return text[: MOST_IN_A_FOOTER // 2].replace("&", "&&")


def _rows_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of this many characters, broken at words."""
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > width:
            lines, used = lines + 1, 0
        used += len(word) + (1 if used else 0)
        lines += max(0, math.ceil(used / width) - 1) if used > width else 0
    return lines


def _room(widths: Sequence[float]) -> float:
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


@dataclass(frozen=True)
class Slot:
    """The cells that a column of a table takes on a sheet: the figure, its marks, both bounds, its responses."""

    has_marks: bool
    has_sizes: bool
    widths: tuple[float, ...]

    @property
    def width(self) -> int:
        """How many cells it takes."""
        return len(self.widths)


def _slot_of(question: Question, lettered: bool) -> Slot:
    has_marks = lettered or any(block.marks - {".."} for block in question.blocks)
    has_sizes = any(block.sizes_differ for block in question.blocks)
    cells = [cell for block in question.blocks for cell in block.cells.values()]
    texts = [f"{figure:,.{cell.decimals}f}" for cell in cells for figure in cell.figures]
    longest = max(map(len, texts), default=2)
    between = 3 if any(block.has_negative for block in question.blocks) else 0
    widths = [
        max(longest + 2.0, 6),
        *([6.0 if lettered else 1.7] if has_marks else []),
        max(longest + 2.0 + between, 5.5),
        max(longest + 1.0, 5.5),
        *([7.0] if has_sizes else []),
    ]
    return Slot(has_marks, has_sizes, tuple(widths))


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
        room = _room(self.widths[: self.last_column + 1]) * FONT_SIZE / size
        rows = _rows_of(text, room * (0.93 if properties.get("bold") else 1))
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
        link = self.styles(font_color="#1F5FA8", underline=1, font_size=9)
        self.sheet.write_url(self.row, 0, link_to(name), link, self.words["back"])
        self.row += 1

    def banner(self) -> None:
        """On a demonstration: that it is one."""
        if self.edition.is_demonstration:
            self.text(self.words["banner"], bold=True, font_color=ALARM, bg_color=ALARM_BAND)

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
        if self.edition.is_demonstration:
            sheet.set_header(f'&C&"Calibri,Bold"&K{ALARM[1:]}{self.words["demonstration"]}')
            sheet.set_tab_color(ALARM)
        source = _footer_text(self.edition.source_line)
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


class QuestionPage(Page):
    """The sheet of a question."""

    def __init__(self, sheet: Worksheet, styles: Styles, edition: Edition, question: Question) -> None:
        self.question = question
        self.tables = [(block, layout_of(block, edition.words)) for block in question.blocks]
        every = [table for _, tables in self.tables for table in tables]
        self.slot = _slot_of(question, lettered=any(table.letters for table in every))
        slots = max((len(table.columns) for table in every), default=1)
        size_column = any(table.has_size_column for table in every)
        last = max(slots * self.slot.width + size_column, 6)
        longest = max((len(line.label) for table in every for line in table.lines), default=0)
        label = min(max(longest / LETTERS_A_WIDTH + 2, LEAST_LABEL), MOST_LABEL)
        widths = [label, *self.slot.widths * slots]
        widths += [8.0] * (last + 1 - len(widths))
        super().__init__(sheet, styles, edition, last, widths)

    def write(self, contents: str) -> None:
        """Head, tables, legend; the head stays in sight, with the head of the table where there is one table alone."""
        self.back(contents)
        self.banner()
        self.text(self.question.title, bold=True, font_size=14)
        self.text(self.words("base_line", base=self.question.base), font_color=GREY)
        if self.question.wording:
            self.text(self.words("wording", wording=self.question.wording), font_color=GREY)
        head = self.row
        is_single = sum(len(tables) for _, tables in self.tables) == 1
        for block, tables in self.tables:
            self.row += 1
            self.starts.append(self.row)
            self.text(block.heading, bold=True, font_size=12)
            for place, table in enumerate(tables):
                if place:
                    self.starts.append(self.row)
                after_head = self._table(block, table)
                head = after_head if is_single else head
        self._legend()
        self.sheet.freeze_panes(head, 1)
        self.printed(repeat_to=head - 1)

    def _legend(self) -> None:
        self.row += 1
        for text in self.edition.legend(self.question.marks, has_letters=self.question.has_letters):
            self.text(text, font_color=GREY, font_size=9)
        self.text(self.edition.source_line, font_color=GREY, font_size=9)

    def _table(self, block: Block, table: Table) -> int:
        """Write a table; returns the row after its head."""
        if table.heading:
            self.text(table.heading, bold=True)
        head = self._head(block, table)
        for place, line in enumerate(table.lines):
            self._line(block, table, line, is_first=place == 0)
        if table.sizes_below:
            self._sizes_below(table)
        rule = self.styles(top=1, top_color=RULE)
        for column in range(self._width(table)):
            self.sheet.write_blank(self.row, column, None, rule)
        for note in table.notes:
            self.text(note, font_color=GREY, font_size=9)
        self.row += 1
        return head

    def _width(self, table: Table) -> int:
        return 1 + len(table.columns) * self.slot.width + table.has_size_column

    def _first(self, place: int) -> int:
        """The first cell of the column of a table."""
        return 1 + place * self.slot.width

    def _head(self, block: Block, table: Table) -> int:
        """Two rows: the names of the columns, and what stands in their cells."""
        sheet, slot = self.sheet, self.slot
        named = any(table.columns)
        name = self.styles(
            bold=True, text_wrap=True, align="center", valign="bottom", bg_color=BAND, top=1, top_color=RULE
        )
        below = {"bg_color": BAND, "bottom": 1, "bottom_color": RULE, "font_size": 9, "font_color": GREY}
        if not named:
            below |= {"top": 1, "top_color": RULE}
        if named:
            rows = max(_rows_of(column, _room(slot.widths) * 0.93) for column in table.columns)
            self.height(rows * LINE_HEIGHT + 2)
            sheet.write_blank(self.row, 0, None, name)
            for place, column in enumerate(table.columns):
                first = self._first(place)
                sheet.merge_range(self.row, first, self.row, first + slot.width - 1, "", name)
                sheet.write_string(self.row, first, column, name)
            if table.has_size_column:
                sheet.write_blank(self.row, self._width(table) - 1, None, name)
            self.row += 1
        sheet.write_string(self.row, 0, table.corner, self.styles(**below))
        right = self.styles(align="right", **below)
        for place in range(len(table.columns)):
            self._subhead(block, self._first(place), right, self.styles(align="center", **below))
        if table.has_size_column:
            sheet.write_string(self.row, self._width(table) - 1, self.words["n"], right)
        self.row += 1
        return self.row

    def _subhead(self, block: Block, first: int, right: Format, centre: Format) -> None:
        sheet, slot = self.sheet, self.slot
        sheet.write_string(self.row, first, block.unit, right)
        lower = first + 1
        if slot.has_marks:
            sheet.write_blank(self.row, lower, None, right)
            lower += 1
        sheet.merge_range(self.row, lower, self.row, lower + 1, "", centre)
        sheet.write_string(self.row, lower, self.words.interval(block.interval_level), centre)
        if slot.has_sizes:
            if block.sizes_differ:
                sheet.write_string(self.row, lower + 2, self.words["n"], right)
            else:
                sheet.write_blank(self.row, lower + 2, None, right)

    def _line(self, block: Block, table: Table, line: Line, *, is_first: bool) -> None:
        sheet = self.sheet
        if line.is_heading:
            heading = self.styles(bold=True, font_color=GREY, top=4, top_color=RULE)
            sheet.write_string(self.row, 0, line.label, heading)
            for column in range(1, self._width(table)):
                sheet.write_blank(self.row, column, None, heading)
            self.row += 1
            return
        is_whole = is_first and table.corner == self.words["group"]
        weight = {"bold": True} if is_whole else {}
        sheet.write_string(self.row, 0, line.label, self.styles(text_wrap=True, indent=0 if is_whole else 1, **weight))
        self.height(_rows_of(line.label, _room(self.widths[:1]) - 1) * LINE_HEIGHT)
        for place, cell in enumerate(line.cells):
            if cell is not None:
                self._cell(block, table, self._first(place), cell, weight)
        if table.has_size_column and line.sample_size is not None:
            self._size(self.row, self._width(table) - 1, line.sample_size)
        self.row += 1

    def _size(self, row: int, column: int, size: int) -> None:
        self.sheet.write_number(row, column, size, self.styles(num_format="#,##0", font_color=GREY))

    def _cell(self, block: Block, table: Table, first: int, cell: Cell, weight: dict[str, Any]) -> None:
        """The figure with its mark, and its interval as two numbers that read as one: 66 (62–70)."""
        sheet, slot, styles = self.sheet, self.slot, self.styles
        digits = f"#,##0.{'0' * cell.decimals}".rstrip(".")
        # as much room as the decimals of the figures above and below take
        room = "_." * (block.decimals > 0 == cell.decimals) + "_0" * (block.decimals - cell.decimals)
        lower = first + 1 + slot.has_marks
        if cell.estimate is None:
            sheet.write_string(self.row, first, str(cell.mark), styles(align="right", font_color=GREY))
        else:
            sheet.write_number(
                self.row, first, cell.estimate, styles(num_format=f"{digits}{room};\u2212{digits}{room}", **weight)
            )
            beside = f"{cell.mark} {table.letters_of(cell)}".strip()
            if beside:
                sheet.write_string(self.row, first + 1, beside, styles(font_size=9))
        if cell.ci_lower is not None and cell.ci_upper is not None:
            between = f" {self.words['to']}" if block.has_negative else "–"
            opened = f'"("{digits}"{between}";"(\u2212"{digits}"{between}"'
            closed = f'{digits}")";"\u2212"{digits}")"'
            sheet.write_number(
                self.row, lower, cell.ci_lower, styles(num_format=opened, align="right", font_color=GREY)
            )
            sheet.write_number(self.row, lower + 1, cell.ci_upper,
                               styles(num_format=closed, align="left", font_color=GREY))  # fmt: skip
        if slot.has_sizes and block.sizes_differ and cell.sample_size is not None:
            self._size(self.row, lower + 2, cell.sample_size)

    def _sizes_below(self, table: Table) -> None:
        label = self.styles(font_color=GREY, indent=1)
        self.sheet.write_string(self.row, 0, self.words["n_row"], label)
        for place, size in enumerate(table.sizes_below or []):
            if size is not None:
                self._size(self.row, self._first(place), size)
        self.row += 1


def _contents(page: Page, names: dict[int, str], words_of_others: list[str]) -> None:
    """The questions with links, their bases and numbers of responses."""
    words, styles, sheet = page.words, page.styles, page.sheet
    page.text(page.edition.title, bold=True, font_size=16)
    page.banner()
    page.text(words("lead", count=len(page.edition.questions)), font_color=GREY)
    page.text(words["lead_notes"], font_color=GREY)
    page.row += 1
    link = {"font_color": "#1F5FA8", "underline": 1}
    for name in words_of_others:
        sheet.write_url(page.row, 1, link_to(name), styles(**link), name)
        page.row += 1
    page.row += 1
    head = styles(bold=True, bg_color=BAND, top=1, bottom=1, top_color=RULE, bottom_color=RULE)
    to_the_right = styles(bold=True, bg_color=BAND, top=1, bottom=1, top_color=RULE, bottom_color=RULE, align="right")
    for column, key in enumerate(("number", "question", "base", "n")):
        sheet.write_string(page.row, column, words[key], to_the_right if key == "n" else head)
    page.row += 1
    sheet.freeze_panes(page.row, 0)
    repeat_to = page.row - 1
    for question in page.edition.questions:
        sheet.write_number(page.row, 0, question.number, styles(font_color=GREY, align="left"))
        title = question.title[:MOST_IN_A_CELL]
        sheet.write_url(page.row, 1, link_to(names[question.number]), styles(text_wrap=True, **link), title)
        sheet.write_string(page.row, 2, question.base, styles(text_wrap=True))
        if question.sample_size is not None:
            sheet.write_number(page.row, 3, question.sample_size, styles(num_format="#,##0"))
        rows = max(_rows_of(question.title, _room(page.widths[1:2])), _rows_of(question.base, _room(page.widths[2:3])))
        page.height(rows * LINE_HEIGHT + 3)
        page.row += 1
    page.row += 1
    page.text(page.edition.source_line, font_color=GREY, font_size=9)
    page.printed(repeat_to=repeat_to)


def _notes(page: Page, contents: str) -> None:
    """What stands beside the figures, heading by heading."""
    page.back(contents)
    page.text(page.words["notes"], bold=True, font_size=14)
    page.banner()
    head = page.row
    page.row += 1
    for heading, texts in page.edition.notes:
        page.sheet.write_string(page.row, 0, heading, page.styles(bold=True))
        for text in texts:
            page.sheet.write_string(page.row, 1, text[:MOST_IN_A_CELL], page.styles(text_wrap=True))
            page.height(_rows_of(text, _room(page.widths[1:])) * LINE_HEIGHT + 3)
            page.row += 1
    page.sheet.freeze_panes(head, 0)
    page.printed(repeat_to=head - 1)


def _data(page: Page, rows: pd.DataFrame) -> None:
    """The figures in rows, with filters."""
    sheet = page.sheet
    page.banner()
    head = page.row
    top = page.styles(bold=True, bg_color=BAND, bottom=1, bottom_color=RULE)
    for column, name in enumerate(rows.columns):
        sheet.write_string(head, column, name, top)
    for row, values in enumerate(rows.astype(object).itertuples(index=False), start=head + 1):
        for column, value in enumerate(values):
            if pd.isna(value):
                continue
            if isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, str):
                sheet.write_string(row, column, value[:MOST_IN_A_CELL])
            else:
                sheet.write_number(row, column, float(value))
    sheet.autofilter(head, 0, head + len(rows), len(rows.columns) - 1)
    sheet.freeze_panes(head + 1, 0)
    page.printed(repeat_to=head)


def workbook(edition: Edition) -> bytes:
    """The workbook of an edition; the same edition gives the same bytes."""
    words, target = edition.words, io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    styles = Styles(book)
    notice = f"{words['banner']} " if edition.is_demonstration else ""
    book.set_properties({
        "title": edition.title, "author": "smv_ai", "subject": words("release", id=edition.cited_as),
        "comments": f"{notice}{edition.source_line}", "created": edition.made_at.replace(tzinfo=None),
    })  # fmt: skip
    contents, notes, data = words["contents"], words["notes"], words["data"]
    names = {question.number: sheet_name(question.number, question.title) for question in edition.questions}
    sheets = {name: book.add_worksheet(name) for name in (contents, *names.values(), notes, data)}
    _contents(Page(sheets[contents], styles, edition, 3, [5, 62, 38, 8]), names, [notes, data])
    for question in edition.questions:
        QuestionPage(sheets[names[question.number]], styles, edition, question).write(contents)
    _notes(Page(sheets[notes], styles, edition, 1, [22, 92]), contents)
    rows = tidy(edition)
    _data(Page(sheets[data], styles, edition, 12, _widths(rows)), rows)
    book.close()
    return target.getvalue()


def _widths(rows: pd.DataFrame) -> list[float]:
    """Widths that fit what stands in each column, up to 40 characters."""
    longest = [
        max([len(str(name)), *rows.iloc[:, place].astype(str).str.len()]) for place, name in enumerate(rows.columns)
    ]
    return [min(40.0, length + 3.0) for length in longest]
