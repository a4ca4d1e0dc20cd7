"""The Excel workbook: contents with links, a sheet for each question, notes, and the figures in rows.

Texts are written as texts and numbers as numbers, whatever they look like. A cell never holds a formula.
"""

from __future__ import annotations

import io

import pandas as pd
import xlsxwriter

from smv_ai.tabulation.edition import Edition
from smv_ai.tabulation.page import (
    BAND,
    FONT_SIZE,
    GREY,
    INK,
    LINE_HEIGHT,
    LINK,
    MOST_IN_A_CELL,
    RULE,
    Page,
    Styles,
    link_to,
    room_of,
    rows_of,
    sheet_name,
)
from smv_ai.tabulation.question_page import QuestionPage
from smv_ai.tabulation.tidy import tidy

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Calibri", "font_size": FONT_SIZE, "font_color": INK},
}


def _contents(page: Page, names: dict[int, str], words_of_others: list[str]) -> None:
    """The questions with links, their bases and numbers of responses."""
    words, styles, sheet = page.words, page.styles, page.sheet
    page.text(page.edition.title, bold=True, font_size=16)
    page.banner()
    page.text(words("lead", count=len(page.edition.questions)), font_color=GREY)
    page.text(words["lead_notes"], font_color=GREY)
    page.row += 1
    for name in words_of_others:
        sheet.write_url(page.row, 1, link_to(name), styles(**LINK), name)
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
        sheet.write_url(page.row, 1, link_to(names[question.number]), styles(text_wrap=True, **LINK), title)
        sheet.write_string(page.row, 2, question.base, styles(text_wrap=True))
        if question.sample_size is not None:
            sheet.write_number(page.row, 3, question.sample_size, styles(num_format="#,##0"))
        rows = max(
            rows_of(question.title, room_of(page.widths[1:2])), rows_of(question.base, room_of(page.widths[2:3]))
        )
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
            page.height(rows_of(text, room_of(page.widths[1:])) * LINE_HEIGHT + 3)
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
    book.set_properties({
        "title": edition.title, "author": "smv_ai", "subject": words("release", id=edition.cited_as),
        "comments": " ".join([*edition.banners, edition.source_line]), "created": edition.made_at.replace(tzinfo=None),
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
