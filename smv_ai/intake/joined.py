"""Columns whose cells join several choices: by which sign, and which choices, concluded from the answers alone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from smv_ai.intake.definition import Choice
from smv_ai.intake.reading.grid import Column
from smv_ai.intake.tools import TOOLS
from smv_ai.intake.words import plain
from smv_ai.survey.texts import clear

MOST_TEXTS = 5000
MOST_OPTIONS = 25
OWN_WORDS = re.compile(
    r".*\b(kommentar\w*|uddyb\w*|bemærkning\w*|beskriv\w*|comments?|describe|explain|remarks?)\b.*", re.IGNORECASE
)


def some_texts(column: Column) -> list[str]:
    """The different texts of a column that are not blank; of very many the first."""
    cleared = (clear(text) for text in column.encoded()[0][:MOST_TEXTS])
    return [text for text in dict.fromkeys(cleared) if text]


@dataclass(frozen=True)
class _Cells:
    """The pieces of each different text, with how many rows hold it."""

    pieces: list[tuple[list[str], int]]
    sign: str

    def counts(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for parts, count in self.pieces:
            for part in parts:
                found[part] += count
        return found


def choices_in_cells(column: Column, tool: str) -> tuple[str, list[Choice]] | None:
    """The sign and the choices of a column that joins them; None where it does not.

    Of several signs the right one leaves the fewest different pieces. A piece is never cut within brackets, and one in
    lower case that always follows the same piece goes on from it, as in `Analyse, fx prognoser`. What was met once is
    an answer in words.
    """
    if OWN_WORDS.fullmatch(plain(f"{column.name} {column.label}")):
        return None
    if tool == "kobo":
        return _names_joined_by_spaces(column)
    found = [one for sign in _signs(tool) if (one := _by(sign, column, tool)) is not None]
    best = min(found, key=lambda one: one[0], default=None)
    return None if best is None else (best[1], best[2])


def is_ranking(column: Column, tool: str) -> bool:
    """Whether every answer lists the same choices, three or more, in one order or another."""
    texts = column.encoded()[0]
    for sign in _signs(tool):
        if len(texts) > MOST_TEXTS or not any(sign.strip() in text for text in texts):
            continue
        cells = _merged(_cells(sign, column, tool)).pieces
        sets = {frozenset(parts) for parts, _ in cells}
        if len(sets) == 1 and len(cells) > 1 and len(next(iter(sets))) >= 3:
            return True
    return False


def _names_joined_by_spaces(column: Column) -> tuple[str, list[Choice]] | None:
    """The choices of KoboToolbox by their names, which hold no space, where names are met again and again."""
    texts, counts = column.encoded()[0], column.counts
    cells = [(clear(text).split(" "), counts[number]) for number, text in enumerate(texts) if clear(text)]
    names = _Cells(cells, " ").counts()
    are_names = all(re.fullmatch(r"[\w.-]+", name) and not name[:1].isupper() for name in names)
    is_joined = any(len(parts) > 1 for parts, _ in cells) and all(len(set(parts)) == len(parts) for parts, _ in cells)
    is_list = 2 <= len(names) <= MOST_OPTIONS and min(names.values(), default=0) > 1
    if not (are_names and is_joined and is_list):
        return None
    ordered = _by_precedence(list(names), [clear(text) for text in texts if clear(text)])
    return " ", [Choice(str(number), name) for number, name in enumerate(ordered, 1)]


def joins_labels(column: Column) -> bool:
    """Whether a text is made of others with spaces between: labels of several choices that nothing parts."""
    texts = {clear(text) for text in some_texts(column)}
    if len(texts) > MOST_TEXTS // 10:
        return False
    for text in texts:
        words = text.split(" ")
        heads = (number for number in range(1, len(words)) if " ".join(words[:number]) in texts)
        if any(" ".join(words[number:]) in texts for number in heads):
            return True
    return False


def _signs(tool: str) -> list[str]:
    """What joins choices in exports of a tool, the usual sign first; a space alone tells nothing."""
    known = TOOLS[tool]
    return [sign for sign in (known.separator, *known.other_separators) if sign and sign.strip()]


def _splitter(sign: str, texts: list[str], tool: str) -> re.Pattern[str]:
    """Where to cut: choices never begin with a space, so what follows a tight sign and a space goes on."""
    if sign == ",":
        return re.compile(r",(?! )")
    if sign == ";":
        tight = sum(len(re.findall(r";(?=\S)", text)) for text in texts)
        loose = sum(len(re.findall(r"; ", text)) for text in texts)
        return re.compile(r";(?! )" if tool == "msforms" or tight > loose else r";")
    return re.compile(re.escape(sign))


def _cells(sign: str, column: Column, tool: str) -> _Cells:
    texts, counts = column.encoded()[0], column.counts
    filled = {number: clear(text) for number, text in enumerate(texts) if clear(text)}
    cut = _splitter(sign, list(filled.values()), tool)
    bare = sign.strip()
    return _Cells([(_pieces(text.removesuffix(bare), cut), counts[number]) for number, text in filled.items()], sign)


def _pieces(text: str, cut: re.Pattern[str]) -> list[str]:
    """A text cut at the sign, but not within brackets that are closed again."""
    found, start = [], 0
    for match in cut.finditer(text):
        before = text[start : match.start()]
        if before.count("(") > before.count(")") and ")" in text[match.end() :]:
            continue
        found.append(before.strip())
        start = match.end()
    return [piece for piece in (*found, text[start:].strip()) if piece]


def _merged(cells: _Cells) -> _Cells:
    """Pieces in lower case that always follow the same piece are put behind it."""
    counts = cells.counts()
    first = Counter({True: 0, False: 0})
    before: dict[str, set[str]] = {}
    for parts, count in cells.pieces:
        first[bool(parts) and not parts[0][:1].islower()] += count
        for one, other in zip([""] + parts, parts, strict=False):
            before.setdefault(other, set()).add(one)
    # where choices do not begin with a capital letter, a small one tells nothing, unless the two are always together
    is_capital = first[True] >= 0.9 * max(1, first.total())
    after = {
        piece: next(iter(one)) for piece, one in before.items()
        if piece[:1].islower() and len(one) == 1 and one != {""}
        and (is_capital or counts[piece] == counts[next(iter(one))])
    }  # fmt: skip
    glue = f"{cells.sign.strip()} "
    merged = []
    for parts, count in cells.pieces:
        wholes: list[str] = []
        last = ""
        for part in parts:
            if last and after.get(part) == last:
                wholes[-1] += f"{glue}{part}"
            else:
                wholes.append(part)
            last = part
        merged.append((wholes, count))
    return _Cells(merged, cells.sign)


def _by(sign: str, column: Column, tool: str) -> tuple[int, str, list[Choice]] | None:
    """How many different pieces a sign leaves, the sign, and the choices."""
    texts = [clear(text) for text in column.encoded()[0] if clear(text)]
    if not any(sign.strip() in text for text in texts):
        return None
    if tool == "msforms" and not all(text.endswith(";") for text in texts):
        return None
    cells = _merged(_cells(sign, column, tool))
    wholes = cells.counts()
    repeated = {whole: count for whole, count in wholes.items() if count > 1}
    if is_ranking(column, tool):
        return None
    joined = sum(count for parts, count in cells.pieces if len(parts) > 1)
    if tool != "msforms" and joined == 0:
        return None
    if len(repeated) < 2 or sum(repeated.values()) < 0.6 * sum(wholes.values()) or len(repeated) > MOST_OPTIONS:
        # Forms ends each choice with the sign, and nothing else: that few have answered changes nothing
        if tool != "msforms" or len(wholes) > MOST_OPTIONS or sum(count for _, count in cells.pieces) < 2:
            return None
        repeated = dict(wholes)
    choices = [Choice(str(number), whole) for number, whole in enumerate(_by_precedence(list(repeated), texts), 1)]
    if len(repeated) < len(wholes):
        choices.append(Choice(str(len(choices) + 1), "Andet", open=True))
    return len(wholes), sign, choices


def _by_precedence(choices: list[str], texts: list[str]) -> list[str]:
    """Choices in the order in which cells list them; as they appear where cells do not agree."""
    before = {choice: 0 for choice in choices}
    for text in texts:
        here = sorted((text.find(choice), choice) for choice in choices if choice in text)
        for position, (_, choice) in enumerate(here):
            before[choice] = max(before[choice], *(before[other] + 1 for _, other in here[:position]), 0)
            before[choice] = min(before[choice], len(choices))
    # what never stands beside another is most often "none of these", and the last in the questionnaire
    beside = {choice for text in texts for choice in choices if choice in text and any(
        other in text for other in choices if other != choice)}  # fmt: skip
    return sorted(choices, key=lambda choice: (bool(beside) and choice not in beside, before[choice]))
