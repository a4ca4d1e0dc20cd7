"""The tables as Markdown (GitHub's), for a wiki, a report or a mail."""

from __future__ import annotations

import re

from smv_ai.tabulation.edition import Edition
from smv_ai.tabulation.layout import Table, layout_of
from smv_ai.tabulation.questions import Block, Cell, Question
from smv_ai.tabulation.words import Words

# What Markdown or HTML would read as more than a text.
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def plain(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _figure(cell: Cell | None, block: Block, table: Table, words: Words) -> str:
    """A cell as text: '66 (62–70)', with its mark, its letters and, where they differ, its number of responses."""
    if cell is None:
        return ""
    size = f"; n = {words.number(cell.sample_size, 0)}" if block.sizes_differ and cell.sample_size is not None else ""
    if cell.estimate is None:
        return plain(f"{cell.mark}{size}")
    text = words.number(cell.estimate, cell.decimals) + plain(cell.mark)
    if cell.ci_lower is not None and cell.ci_upper is not None:
        between = f" {words['to']} " if block.has_negative else "–"
        text += f" ({between.join(words.number(bound, cell.decimals) for bound in (cell.ci_lower, cell.ci_upper))})"
    return f"{text}{size} {table.letters_of(cell)}".rstrip()


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _size(size: int | None, words: Words) -> str:
    return "" if size is None else words.number(size, 0)


def _table(table: Table, block: Block, words: Words) -> list[str]:
    """The lines of a table; what the figures are stands at its head."""
    figure = f"{block.unit} ({words.interval(block.interval_level)})"
    columns = [plain(column) if column else figure for column in table.columns]
    head = [table.corner, *columns, *([words["n"]] if table.has_size_column else [])]
    lines = [_row(head), _row(["---", *["---:"] * (len(head) - 1)])]
    for line in table.lines:
        if line.is_heading:
            lines.append(_row([f"**{plain(line.label)}**", *[""] * (len(head) - 1)]))
            continue
        cells = [_figure(cell, block, table, words) for cell in line.cells]
        lines.append(
            _row([plain(line.label), *cells, *([_size(line.sample_size, words)] if table.has_size_column else [])])
        )
    if table.sizes_below:
        lines.append(_row([words["n_row"], *(_size(size, words) for size in table.sizes_below)]))
    return [*lines, "", *(f"{plain(note)}\n" for note in table.notes)]


def _question(question: Question, edition: Edition) -> list[str]:
    words = edition.words
    lines = [f"## {question.number}. {plain(question.title)}", "", plain(words("base_line", base=question.base)), ""]
    if question.wording:
        lines += [plain(words("wording", wording=question.wording)), ""]
    for block in question.blocks:
        lines += [f"**{plain(block.heading)}** ({words.interval(block.interval_level)})", ""]
        for table in layout_of(block, words):
            lines += [f"*{plain(table.heading)}*", ""] if table.heading else []
            lines += _table(table, block, words)
    legend = edition.legend(question.marks, has_letters=question.has_letters)
    return [*lines, *(f"{plain(text)}  " for text in legend), "" if legend else ""]


def as_markdown(edition: Edition) -> str:
    """The whole edition as one text."""
    words = edition.words
    lines = [f"# {plain(edition.title)}", ""]
    for text in edition.banners:
        lines += [f"> **{text}**", ""]
    lines += [plain(edition.source_line), ""]
    for question in edition.questions:
        lines += _question(question, edition)
    lines += [f"## {words['notes']}", ""]
    for heading, texts in edition.notes:
        lines += [f"**{heading}.** {'  '.join(plain(text) for text in texts)}", ""]
    return "\n".join(lines).rstrip() + "\n"
