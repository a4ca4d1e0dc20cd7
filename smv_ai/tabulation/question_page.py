"""The sheet of a question: its tables, each figure with its interval as numbers that read as one, 66 (62–70)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from smv_ai.tabulation.edition import Edition
from smv_ai.tabulation.layout import Line, Table, layout_of
from smv_ai.tabulation.page import BAND, GREY, LETTERS_A_WIDTH, LINE_HEIGHT, RULE, Page, Styles, room_of, rows_of
from smv_ai.tabulation.questions import Block, Cell, Question

LEAST_LABEL, MOST_LABEL = 26, 56  # characters of the first column


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
    has_sizes = any(block.sizes_differ for block in question.blocks)
    cells = [cell for block in question.blocks for cell in block.cells.values()]
    has_marks = lettered or any(cell.mark and cell.estimate is not None for cell in cells)
    texts = [f"{figure:,.{cell.decimals}f}" for cell in cells for figure in cell.figures]
    longest = max(map(len, texts), default=2)
    between = 3 if any(block.has_negative for block in question.blocks) else 0
    widths = [
        max(longest + 2.0, 6) + 2 * has_sizes,
        *([6.0 if lettered else 1.7] if has_marks else []),
        max(longest + 2.0 + between, 5.5),
        max(longest + 1.0, 5.5),
        *([7.0] if has_sizes else []),
    ]
    return Slot(has_marks, has_sizes, tuple(widths))


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
            rows = max(rows_of(column, room_of(slot.widths) * 0.93) for column in table.columns)
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
        self.height(rows_of(line.label, room_of(self.widths[:1]) - 1) * LINE_HEIGHT)
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
