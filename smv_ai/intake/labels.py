"""What the labels inside a file of SPSS or Stata say: questions, answers, and which codes are no answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from smv_ai.intake.definition import Asked, Choice, Definition
from smv_ai.intake.reading.grid import Grid
from smv_ai.intake.words import reason_of, reason_of_missing

STATA_MISSING = re.compile(r"\.[a-z]")
# Of a scale often only the ends have labels; what is longer, or holds fractions, is a number.
LONGEST_SCALE = 11


def from_labels(grid: Grid) -> Definition:
    """The questions that the labels of a file of SPSS or Stata tell."""
    labels: dict[str, str] = grid.meta.get("labels", {})
    values: dict[str, dict[str, str]] = grid.meta.get("values", {})
    missing: dict[str, list[list[str]]] = grid.meta.get("missing", {})
    asked: list[Asked] = []
    for position, name in enumerate(grid.names or []):
        texts = values.get(name, {})
        present = [text for text in grid.columns[position].unique().to_pylist() if text]
        codes = _missing_codes(missing.get(name, []), texts, present)
        declared = {code for found in codes.values() for code in found}
        answers = {code: text for code, text in texts.items() if code not in declared}
        others = [text for text in present if text not in declared and text not in answers]
        kind, answers = _kind(answers, others, is_numeric=position in grid.numeric)
        if kind == "number":
            for code, text in texts.items():
                if code not in declared and (reason := reason_of(text)) is not None:
                    codes.setdefault(reason, []).append(code)
        choices = [Choice(code, text) for code, text in (answers | texts).items()]
        asked.append(Asked(name, labels.get(name) or name, kind, choices, columns={"": name}, missing=codes))
    return Definition("", asked)


def _kind(answers: dict[str, str], others: list[str], *, is_numeric: bool) -> tuple[Any, dict[str, str]]:
    """What is asked, and its answers; `others` are values that have no label.

    Where labels only say why there is no answer it is a number. A short scale of whole numbers with some labels has
    the others as answers by their number, in the order of the numbers; anything else with other values is a number.
    """
    named = [code for code, text in answers.items() if reason_of(text) is None]
    if not named:
        return ("number" if is_numeric else "text"), answers
    if not is_numeric:
        return "single", answers
    if not all(re.fullmatch(r"-?\d{1,9}", text) for text in (*named, *others)):
        return ("number" if others else "single"), answers
    low, high = min(map(int, (*named, *others))), max(map(int, (*named, *others)))
    is_of_ends = len(named) == 2 and abs(int(named[1]) - int(named[0])) > 2
    if high - low < LONGEST_SCALE and (others or is_of_ends):
        whole = {str(code): answers.get(str(code), str(code)) for code in range(low, high + 1)}
        return "single", whole | answers
    return ("number" if others and len(others) > len(named) else "single"), answers


def _missing_codes(ranges: Iterable[Sequence[str]], labels: dict[str, str], present: list[str]) -> dict[str, list[str]]:
    """Codes that the file declares missing, by the reason that their labels name; without one: no answer.

    Those with a label, the ends of a range, and whatever lies in it and is `present`, with a label or without; and
    the letters of Stata (.a to .z), which are never answers.
    """
    found: dict[str, list[str]] = {}
    known = dict.fromkeys([*labels, *present])
    letters = [code for code in known if STATA_MISSING.fullmatch(code)]
    for low, high in [*ranges, *([letter, letter] for letter in sorted(letters))]:
        inside = [code for code in known if low <= code <= high] if not _numbers(low, high) else [
            code for code in known if _numbers(code) and float(low) <= float(code) <= float(high)
        ]  # fmt: skip
        ends = (
            [end for end in dict.fromkeys((low, high)) if end not in inside and abs(float(end)) < 1e15]
            if _numbers(low, high)
            else []
        )
        for code in [*inside, *ends]:
            found.setdefault(reason_of_missing(labels.get(code, "")), []).append(code)
    return {reason: list(dict.fromkeys(codes)) for reason, codes in found.items()}


def _numbers(*texts: str) -> bool:
    return all(re.fullmatch(r"-?(inf|\d+(\.\d+)?(e[+-]?\d+)?)", text) for text in texts)
