"""Qualtrics: the survey definition (.qsf), a JSON file."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from smv_ai.intake.definition import Asked, Choice, Definition, Routing
from smv_ai.intake.reading.files import refusal, small_text

TAGS = re.compile(r"<[^>]+>")
LOCATOR = re.compile(r"q://(QID\w+)/Selec\w+/(\w+)")


def text_of(markup: Any) -> str:
    """A text without its markup."""
    return " ".join(html.unescape(TAGS.sub(" ", str(markup or ""))).split())


def read(path: Path) -> Definition:
    """The questions of a .qsf file. Raises BadInputError."""
    try:
        content = json.loads(small_text(path))
        elements = [element["Payload"] for element in content["SurveyElements"] if element.get("Element") == "SQ"]
        title = str(content.get("SurveyEntry", {}).get("SurveyName", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refusal(path, f"is no survey definition of Qualtrics ({type(error).__name__}: {error})") from error
    by_id = {str(payload.get("QuestionID")): payload for payload in elements if isinstance(payload, dict)}
    unread: list[str] = []
    questions = [asked for payload in by_id.values() if (asked := _asked(payload, by_id, unread)) is not None]
    return Definition(title, questions, unread)


def _in_order(payload: dict[str, Any], key: str, order: str) -> list[tuple[str, dict[str, Any]]]:
    found = payload.get(key) or {}
    if isinstance(found, list):
        found = {str(number): value for number, value in enumerate(found, 1)}
    listed = [str(code) for code in payload.get(order) or []] or list(found)
    return [(code, found[code]) for code in listed if code in found]


def _choices(payload: dict[str, Any], key: str, order: str, *, recode: bool) -> list[Choice]:
    codes = payload.get("RecodeValues") or {} if recode else {}
    return [
        Choice(
            str(codes.get(code, code)), text_of(value.get("Display")), str(value.get("TextEntry", "")).lower() == "true"
        )
        for code, value in _in_order(payload, key, order)
        if isinstance(value, dict)
    ]


def _asked(payload: dict[str, Any], by_id: dict[str, Any], unread: list[str]) -> Asked | None:
    kind, selector = str(payload.get("QuestionType")), str(payload.get("Selector"))
    name, text = str(payload.get("DataExportTag") or payload.get("QuestionID")), text_of(payload.get("QuestionText"))
    routing = _routing(payload, by_id, unread, name)
    if kind == "MC" and selector.startswith("MA"):
        boxes = _choices(payload, "Choices", "ChoiceOrder", recode=True)
        return Asked(name, text, "several", boxes, routing=routing)
    if kind == "MC":
        return Asked(name, text, "single", _choices(payload, "Choices", "ChoiceOrder", recode=True), routing=routing)
    if kind == "Matrix":
        items = _choices(payload, "Choices", "ChoiceOrder", recode=False)
        answers = _choices(payload, "Answers", "AnswerOrder", recode=True)
        return Asked(name, text, "matrix", answers, items, routing)
    if kind in ("TE", "Slider", "CS"):
        is_number = (
            kind != "TE" or "ContentType" in str(payload.get("Validation")) and "Number" in str(payload["Validation"])
        )
        return Asked(name, text, "number" if is_number else "text", routing=routing)
    if kind in ("DB", "Timing", "Captcha", "Meta"):
        return None
    unread.append(f"{name}: a question of type {kind} is not drafted; write it by hand or leave it out")
    return None


def _routing(payload: dict[str, Any], by_id: dict[str, Any], unread: list[str], name: str) -> tuple[Routing, ...]:
    """Who is asked: one question's choices, any of which may be selected; anything else is left to a person."""
    logic = payload.get("DisplayLogic")
    if not isinstance(logic, dict):
        return ()
    terms = [
        term for group in logic.values() if isinstance(group, dict) for term in group.values() if isinstance(term, dict)
    ]
    found: dict[str, list[str]] = {}
    for term in terms:
        located = LOCATOR.match(str(term.get("ChoiceLocator", "")))
        other = by_id.get(located[1]) if located else None
        is_or = str(term.get("Conjuction", term.get("Conjunction", ""))).lower() != "and" or len(terms) == 1
        if located is None or other is None or term.get("Operator") != "Selected" or not is_or:
            unread.append(f"{name}: its display logic is beyond one question's answers; write asked_if by hand")
            return ()
        codes = other.get("RecodeValues") or {}
        found.setdefault(str(other.get("DataExportTag")), []).append(str(codes.get(located[2], located[2])))
    if len(found) != 1:
        unread.append(f"{name}: its display logic looks at several questions; write asked_if by hand")
        return ()
    [(question, answers)] = found.items()
    return (Routing(question, tuple(dict.fromkeys(answers))),)
