"""LimeSurvey: the survey structure (.lss), an XML file of tables."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from smv_ai.intake.definition import Asked, Choice, Definition, Kind, Routing
from smv_ai.intake.reading.files import refusal, small_text
from smv_ai.intake.reading.qualtrics import text_of

Row = dict[str, str]
KINDS: dict[str, Kind] = {
    "L": "single", "!": "single", "O": "single", "Y": "single", "G": "single", "5": "single", "I": "single",
    "M": "several", "P": "several", "F": "matrix", "H": "matrix", "A": "matrix", "B": "matrix", "C": "matrix",
    "E": "matrix", "N": "number", "K": "number", "S": "text", "T": "text", "U": "text", "Q": "text", "D": "text",
}  # fmt: skip
# Types whose answers are fixed.
FIXED: dict[str, list[tuple[str, str]]] = {
    "Y": [("Y", "Ja"), ("N", "Nej")],
    "G": [("F", "Kvinde"), ("M", "Mand")],
    "5": [(str(n), str(n)) for n in range(1, 6)],
    "A": [(str(n), str(n)) for n in range(1, 6)],
    "B": [(str(n), str(n)) for n in range(1, 11)],
    "C": [("Y", "Ja"), ("N", "Nej"), ("U", "Usikker")],
    "E": [("I", "Stigning"), ("S", "Samme"), ("D", "Fald")],
}
EQUALS = r"\(*\s*(\w+)(?:\.NAOK|\.code)?\s*==\s*[\"']?(\w+)[\"']?\s*\)*"


def read(path: Path) -> Definition:
    """The questions of an .lss file. Raises BadInputError."""
    text = small_text(path)
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise refusal(path, "declares entities, which no survey structure of LimeSurvey does")
    try:
        root = ElementTree.fromstring(text.encode("utf-8"))
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise refusal(path, f"is no well-formed XML ({error}); export it anew") from error
    languages = [found.text for found in root.iter("language") if found.text and not len(found)]
    language = languages[0] if languages else ""
    texts = {(row.get("qid"), row.get("language")): row.get("question", "") for row in _rows(root, "question_l10ns")}
    answer_texts = {(row.get("aid"), row.get("language")): row.get("answer", "") for row in _rows(root, "answer_l10ns")}
    every = [*_rows(root, "questions"), *_rows(root, "subquestions")]
    every = [row for row in every if row.get("language") in (None, "", language)]
    for row in every:
        row.setdefault("question", texts.get((row.get("qid"), language), ""))
    answers = [row for row in _rows(root, "answers") if row.get("language") in (None, "", language)]
    for row in answers:
        row.setdefault("answer", answer_texts.get((row.get("aid"), language), ""))
    unread: list[str] = []
    parents = [row for row in every if row.get("parent_qid", "0") in ("0", "")]
    questions = [asked for row in _ordered(root, parents) if (asked := _asked(row, every, answers, unread)) is not None]
    titles = [row.get("surveyls_title", "") for row in _rows(root, "surveys_languagesettings")]
    return Definition(titles[0] if titles else "", questions, unread)


def _rows(root: ElementTree.Element, table: str) -> list[Row]:
    found = root.find(table)
    return [] if found is None else [{cell.tag: cell.text or "" for cell in row} for row in found.iter("row")]


def _number(row: Row, name: str) -> int:
    value = row.get(name) or "0"
    return int(value) if value.lstrip("-").isdigit() else 0


def _ordered(root: ElementTree.Element, parents: list[Row]) -> list[Row]:
    groups = {row.get("gid"): _number(row, "group_order") for row in _rows(root, "groups")}
    return sorted(parents, key=lambda row: (groups.get(row.get("gid"), 0), _number(row, "question_order")))


def _asked(row: Row, every: list[Row], answers: list[Row], unread: list[str]) -> Asked | None:
    kind, name = row.get("type", ""), row.get("title", "")
    if kind == "X":
        return None
    if kind not in KINDS:
        unread.append(f"{name}: a question of type {kind} is not drafted; write it by hand or leave it out")
        return None
    inner = sorted(
        (
            other
            for other in every
            if other.get("parent_qid") == row.get("qid") and other.get("scale_id", "0") in ("0", "")
        ),
        key=lambda other: _number(other, "question_order"),
    )
    items = [Choice(other.get("title", ""), text_of(other.get("question"))) for other in inner]
    own = sorted(
        (answer for answer in answers if answer.get("qid") == row.get("qid")),
        key=lambda answer: _number(answer, "sortorder"),
    )
    choices = [Choice(answer.get("code", ""), text_of(answer.get("answer"))) for answer in own]
    choices = choices or [Choice(code, text) for code, text in FIXED.get(kind, [])]
    has_other = row.get("other") == "Y"
    if KINDS[kind] == "several":
        choices, items = [*items, *([Choice("other", "Andet", open=True)] if has_other else [])], []
    elif has_other:
        choices.append(Choice("-oth-", "Andet", open=True))
    routing = _routing(row.get("relevance", "1"), name, unread)
    return Asked(name, text_of(row.get("question")), KINDS[kind], choices, items, routing)


def _routing(relevance: str, name: str, unread: list[str]) -> tuple[Routing, ...]:
    """`((q1.NAOK == "A1"))`, or several answers of one question joined by or."""
    text = relevance.strip()
    if text in ("", "1"):
        return ()
    inner = text
    parts = re.split(r"\s+or\s+|\|\|", inner)
    found: dict[str, list[str]] = {}
    for part in parts:
        match = re.fullmatch(EQUALS, part.strip())
        if match is None:
            unread.append(f"{name}: its relevance '{text}' is beyond one question's answers; write asked_if by hand")
            return ()
        found.setdefault(match[1], []).append(match[2])
    if len(found) != 1:
        unread.append(f"{name}: its relevance '{text}' looks at several questions; write asked_if by hand")
        return ()
    [(question, codes)] = found.items()
    return (Routing(question, tuple(codes)),)
