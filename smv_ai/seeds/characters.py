"""Which characters no text of the warehouse may hold: those that nobody sees, and those that stop a renderer.

Controls and U+FFFE end the process that draws a picture; bidirectional controls show another text than is stored;
separators break lines of logs and JSON in two; what has no width makes two equal labels differ. A text that is refused
where it comes in (seeds, responses) is still cleaned where it is drawn: a release may be older than the rule.
The kinds are the general categories of the Unicode Standard, chapter 4.5, and its noncharacters, chapter 23.7.
"""

from __future__ import annotations

import unicodedata
from typing import Any

REPLACEMENT = "\ufffd"
CATEGORIES = {
    "Cc": "a control character",
    "Cf": "a character that nobody sees",
    "Cs": "half of a surrogate pair",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
BIDIRECTIONAL = {*"\u061c\u200e\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
NONCHARACTERS = {*map(chr, range(0xFDD0, 0xFDF0))} | {
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
}
# Letters and marks by category, but drawn as nothing (Default_Ignorable_Code_Point).
BLANK = {*"\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"}
# No picture, cell of a spreadsheet or page shows more as written; the longest of today has 303.
LONGEST = 5000
# What a picture may hold all the same: line breaks and tabs are layout, and joiners belong to some scripts and emoji.
DRAWABLE = {*"\n\t\u00ad\u200c\u200d"}


def kind_of(character: str) -> str | None:
    """What is wrong with a character, in words; None where a text may hold it."""
    if character in BIDIRECTIONAL:
        return "a control of the writing direction"
    if character in NONCHARACTERS:
        return "a noncharacter"
    if character in BLANK:
        return "a character that nobody sees"
    return CATEGORIES.get(unicodedata.category(character))


def _kind_in_key(character: str) -> str | None:
    """The same for a key: white space that looks like a plain space is wrong there; a label may have it."""
    is_other_space = character.isspace() and character != " "
    return kind_of(character) or ("white space that is no plain space" if is_other_space else None)


def named(character: str) -> str:
    """A character by its code point, as U+000C."""
    return f"U+{ord(character):04X}"


def finding(text: str, *, is_key: bool = False) -> str | None:
    """What is wrong with the characters of a text or their number, and the way out; None where nothing is.

    The first one is named with its place, counted from 1; in a key, white space other than a plain space is wrong, too.
    """
    if len(text) > LONGEST:
        return f"is {len(text)} characters long; allowed: at most {LONGEST}"
    kind = _kind_in_key if is_key else kind_of
    wrong = [character for character in set(text) if kind(character) is not None]
    if not wrong:
        return None
    first = min(wrong, key=text.index)
    way_out = "write a plain space or nothing in its place" if first.isspace() else "remove it"
    return f"holds {named(first)} ({kind(first)}) as character {text.index(first) + 1}; {way_out}"


def shown(text: str) -> str:
    """A text as a message can print it: what nobody sees by its code point."""
    return "".join(f"<{named(character)}>" if kind_of(character) else character for character in text)


def cleaned(value: Any) -> Any:
    """A text, or lists and mappings of texts, with U+FFFD for each character that may not be drawn."""
    if isinstance(value, str):
        if value.isprintable():  # nearly all texts: no look at each character
            return value
        return "".join(
            character if character in DRAWABLE or kind_of(character) is None else REPLACEMENT for character in value
        )
    if isinstance(value, dict):
        return {cleaned(key): cleaned(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(part) for part in value]
    return value
