"""Whether the tool's own definition and the survey file agree: a relabelled code is told before it changes an
answer.
"""

from __future__ import annotations

from smv_ai.intake.definition import Asked, Choice
from smv_ai.intake.finding import columns_of_asked
from smv_ai.intake.tools import Export
from smv_ai.intake.words import plain, reason_of
from smv_ai.survey.file.items import AskedItem, WaveFile, danish, english
from smv_ai.survey.file.model import Missing, Source
from smv_ai.survey.texts import clear


def disagreements(wave: WaveFile, source: Source, export: Export) -> list[str]:
    """Answers whose code has another label in the definition than in the survey file, each in a line.

    Only texts and codes that the survey file names (`source`, or the code itself) are compared, by the columns of the
    definition; a label that is missing on either side says nothing.
    """
    by_column = _by_column(export)
    found: list[str] = []
    for item in wave.items:
        asked = by_column.get(plain(_column_of(item)))
        if asked is None or item.question.number or item.question.rules:
            continue
        if item.list_name == "ticked":
            found += _box(item, asked[0], asked[1])
        else:
            found += _answers(item, asked[0], wave.file.missing)
    return list(dict.fromkeys(found))


def _column_of(item: AskedItem) -> str:
    items = item.question.items or {}
    said = items.get(item.member or "") if item.member else None
    if said is not None and said.source is not None and item.question.separator is None:
        return said.source
    return item.name(item.question.source) if item.question.source else item.column


def _by_column(export: Export) -> dict[str, tuple[Asked, Choice | None]]:
    """The question, and the box or statement, that each column of the export is of."""
    found: dict[str, tuple[Asked, Choice | None]] = {}
    used: set[str] = set()
    for asked in export.definition or []:
        parts = {part.code: part for part in (asked.choices if asked.kind == "several" else asked.items)}
        located = columns_of_asked(asked, export, used)
        used |= set(located.values())
        for code, column in located.items():
            found[plain(column)] = (asked, parts.get(code))
    return found


def _labels(label: str | None) -> set[str]:
    return {plain(text) for text in (label or "", danish(label or ""), english(label or "")) if text}


def _box(item: AskedItem, asked: Asked, choice: Choice | None) -> list[str]:
    wanted = _labels(item.member_label)
    if choice is None or not choice.text or not wanted or plain(choice.text) in wanted:
        return []
    return [
        f"questions.{item.key}.items.{item.member}: the definition calls it '{choice.text}', the survey file"
        f" '{item.member_label}'"
    ]


def _answers(item: AskedItem, asked: Asked, missing: Missing) -> list[str]:
    texts = {clear(choice.code): choice.text for choice in asked.choices if choice.text}
    found = []
    for code, option in item.options.items():
        for written in option.source or [str(code)]:
            text = texts.get(clear(written))
            if text is not None and option.label and plain(text) not in _labels(option.label):
                found.append(
                    f"questions.{item.key}.options.{code}: the definition calls '{written}' '{text}', the survey file"
                    f" '{option.label}'; correct the one that is wrong"
                )
    return found + _reasons(item, texts, missing)


def _reasons(item: AskedItem, texts: dict[str, str], missing: Missing) -> list[str]:
    """Codes that stand for no answer in the survey file, and for an answer or another reason in the definition."""
    said = item.question.missing
    answers = {label for option in item.options.values() for label in _labels(option.label)}
    found = []
    for reason in ("not_shown", "no_answer", "dont_know"):
        for written in [*(getattr(said, reason) if said else []), *getattr(missing, reason)]:
            text = texts.get(clear(written), "")
            if text and reason_of(text) != reason and (reason_of(text) is not None or plain(text) in answers):
                found.append(
                    f"questions.{item.key}.missing.{reason}: the definition calls '{written}' '{text}'; correct it"
                )
    return found
