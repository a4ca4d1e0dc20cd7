"""What is allowed in the place of a wrong value, in words: the nearest first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable

from rapidfuzz.distance import Levenshtein

MOST_SHOWN = 12
LONGEST_SHOWN = 100


def nearest(value: str, allowed: Iterable[str]) -> str | None:
    """The allowed value that looks most like this one; None where none does."""
    found = difflib.get_close_matches(value, list(dict.fromkeys(allowed)), n=1, cutoff=0.6)
    return found[0] if found else None


def _short(text: str) -> str:
    """A cell of a broken file may be taken for a name, and is not shown whole."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def allowed_in_words(value: str, allowed: Collection[str]) -> str:
    """'did you mean x? allowed: x, y and 3 more': the end of a message about a wrong value."""
    listed = list(dict.fromkeys(allowed))
    more = f" and {len(listed) - MOST_SHOWN} more" if len(listed) > MOST_SHOWN else ""
    shown = f"allowed: {', '.join(map(_short, listed[:MOST_SHOWN])) or 'none, there is no row yet'}{more}"
    near = nearest(value, listed)
    return f"did you mean '{_short(near)}'? {shown}" if near is not None else shown


def is_near_miss(value: str, other: str) -> bool:
    """Whether one text looks like the other misspelt: one letter of four, two of eight; digits are not misspelt."""
    shortest = min(len(value), len(other))
    most = 0 if shortest < 4 else 1 if shortest < 8 else 2
    differs = re.sub("[0-9]", "", value) != re.sub("[0-9]", "", other)
    return differs and Levenshtein.distance(value, other, score_cutoff=most) <= most
