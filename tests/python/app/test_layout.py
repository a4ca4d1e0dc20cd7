"""Columns of a table: none is cut where all can fit, and rows are as high as their longest cell needs."""

from __future__ import annotations

import random

import pytest
from support.app_pages import APP


@pytest.fixture
def layout(monkeypatch: pytest.MonkeyPatch):
    """The module under test."""
    monkeypatch.syspath_prepend(str(APP))
    from shared import layout

    return layout


def test_a_narrow_table_is_as_wide_as_its_texts_and_has_rows_of_one_line(layout) -> None:
    widths, lines = layout.columns({"Group": ["Construction"], "n": ["1,521"]}, fixed={"n"})
    assert lines == 1 and layout.row_height(lines) is None
    assert widths["Group"] >= layout.LETTER * len("Construction") and widths["n"] >= layout.LETTER * len("1,521")


def test_long_texts_share_the_page_and_every_number_is_whole(layout) -> None:
    chance = random.Random(3)
    for _ in range(200):
        said = {f"text {place}": [" ".join(["word"] * chance.randint(1, 60))] for place in range(chance.randint(1, 5))}
        numbers = {f"number {place}": ["1,234.5"] for place in range(chance.randint(0, 3))}
        widths, lines = layout.columns(said | numbers, fixed=set(numbers))
        assert sum(widths.values()) <= layout.PAGE
        assert all(widths[name] >= layout.LETTER * len("1,234.5") for name in numbers)
        assert 1 <= lines <= layout.MOST_LINES
        if lines < layout.MOST_LINES:
            room = {name: lines * (widths[name] - layout.AROUND) for name in said}
            assert all(room[name] + 1 >= layout.LETTER * len(texts[0]) for name, texts in said.items())


def test_a_long_word_is_not_split_and_no_column_is_without_width(layout) -> None:
    widths, _ = layout.columns(
        {"a": ["x" * 15, ""], "b": ["word " * 80], "c": ["word " * 80], "n": []}, fixed={"n"}
    )  # fmt: skip
    assert widths["a"] >= 15 * layout.LETTER and all(width > layout.AROUND for width in widths.values())
