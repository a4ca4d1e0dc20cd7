"""How wide the columns of a table are, so that none is cut where all can fit, and how high its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

# Pixels of a table on a wide screen (files.css widens it beyond the text), of a letter, of the space around a cell; a
# line of text, and a row of one. On a narrow screen the grid scrolls by itself.
PAGE, LETTER, AROUND = 960, 7.6, 22
LINE, ROW = 20, 35
# A column of text is as wide as its longest word, but no wider; a row has at most so many lines; a table's height.
LONGEST_WORD, MOST_LINES, MOST_HEIGHT, POWER = 150, 7, 620, 0.7
# Rows of less than three lines are not wrapped by the grid.
LEAST_LINES = 3


def columns(said: Mapping[str, Sequence[str]], fixed: set[str]) -> tuple[dict[str, int], int]:
    """The width of each column in pixels, and the most lines that a cell needs, by the texts below each heading.

    `fixed`: columns of numbers, which never wrap. The columns of text share what is left by a power of their longest
    text, so that a long one gets more, yet not all.
    """
    longest = {name: max(map(len, texts), default=0) for name, texts in said.items()}
    wished = {name: math.ceil(LETTER * max(longest[name], len(name)) + AROUND) for name in said}
    if sum(wished.values()) <= PAGE:
        return wished, 1
    texts = [name for name in said if name not in fixed]
    left = PAGE - sum(wished[name] for name in said if name in fixed)
    widths = dict(wished)
    # What needs less than its part leaves the rest to the others.
    for name in sorted(texts, key=lambda name: wished[name]):
        shares = {other: (longest[other] + 1) ** POWER for other in texts}
        part = left * shares[name] / sum(shares.values())
        widths[name] = min(wished[name], max(_word([name, *said[name]]), math.floor(part)))
        left -= widths[name]
        texts = [other for other in texts if other != name]
    lines = max(
        (math.ceil(LETTER * longest[name] / max(LETTER, widths[name] - AROUND)) for name in said if name not in fixed),
        default=1,
    )
    return widths, min(lines, MOST_LINES)


def _word(texts: Sequence[str]) -> int:
    """The width that the longest word of a column needs."""
    longest = max((len(word) for text in texts for word in text.split()), default=0)
    return min(LONGEST_WORD, math.ceil(LETTER * longest + AROUND))


def row_height(lines: int) -> int | None:
    """The height of rows of so many lines; None for the grid's own."""
    return None if lines == 1 else LINE * max(lines, LEAST_LINES) + ROW - LINE
