"""KoboToolbox and ODK: an XLSForm, a workbook with the sheets survey and choices."""

from __future__ import annotations

import re

from smv_ai.intake.definition import Asked, Choice, Definition, Kind, Routing
from smv_ai.intake.reading.qualtrics import text_of

Rows = list[list[str]]
EQUALS = re.compile(r"\$\{(\w+)\}\s*=\s*['\"]?([\w-]+)['\"]?|selected\(\s*\$\{(\w+)\}\s*,\s*['\"]([\w-]+)['\"]\s*\)")
NUMBERS = ("integer", "decimal", "range", "calculate")


def from_sheets(survey: Rows, choices: Rows, settings: Rows | None = None) -> Definition:
    """The questions of an XLSForm; each sheet has a header row."""
    lists: dict[str, list[Choice]] = {}
    for row in _dicts(choices):
        name = row.get("list_name") or row.get("list name", "")
        if name and row.get("name"):
            lists.setdefault(name, []).append(Choice(row["name"], text_of(_label(row)) or row["name"]))
    unread: list[str] = []
    around: list[tuple[Routing, ...]] = []
    questions: list[Asked] = []
    for row in _dicts(survey):
        kind = row.get("type", "").strip()
        if kind in ("begin_group", "begin group", "begin_repeat", "begin repeat"):
            around.append(_routing(row, unread))
        elif kind in ("end_group", "end group", "end_repeat", "end repeat") and around:
            around.pop()
        elif (asked := _asked(row, kind, lists, unread, around)) is not None:
            questions.append(asked)
    titles = [row.get("form_title", "") for row in _dicts(settings or [])]
    return Definition(titles[0] if titles else "", questions, unread)


def _dicts(rows: Rows) -> list[dict[str, str]]:
    head = [cell.strip() for cell in rows[0]] if rows else []
    return [dict(zip(head, row, strict=False)) for row in rows[1:] if any(row)]


def _label(row: dict[str, str]) -> str:
    """The label; of several languages Danish, or else the first."""
    found = {name: text for name, text in row.items() if name.split("::")[0].strip() == "label" and text}
    danish = next((text for name, text in found.items() if "(da)" in name or "dansk" in name.lower()), None)
    return danish or next(iter(found.values()), "")


def _asked(
    row: dict[str, str], kind: str, lists: dict[str, list[Choice]], unread: list[str], around: list[tuple[Routing, ...]]
) -> Asked | None:
    name, text = row.get("name", ""), text_of(_label(row)) or row.get("name", "")
    routing = _routing(row, unread) or next((outer for outer in reversed(around) if outer), ())
    words = kind.split()
    if not words or not name:
        return None
    if words[0] in ("select_one", "select_multiple") and len(words) > 1:
        found: Kind = "single" if words[0] == "select_one" else "several"
        choices = [*lists.get(words[1], []), *([Choice("other", "Andet", open=True)] if "or_other" in kind else [])]
        return Asked(name, text, found, choices, routing=routing)
    if words[0] in NUMBERS:
        return Asked(name, text, "number", routing=routing)
    return Asked(name, text, "text", routing=routing) if words[0] in ("text", "date", "note_text") else None


def _routing(row: dict[str, str], unread: list[str]) -> tuple[Routing, ...]:
    logic = row.get("relevant") or row.get("relevance") or ""
    if not logic.strip():
        return ()
    terms = [
        EQUALS.fullmatch(part.strip().strip("()") if "selected" not in part else part.strip())
        for part in re.split(r"\s+or\s+", logic)
    ]
    questions = {(term[1] or term[3]) if term else "" for term in terms}
    if None in terms or len(questions) != 1:
        unread.append(
            f"{row.get('name', '')}: its relevance '{logic}' is beyond one question's answers; write asked_if by hand"
        )
        return ()
    return (Routing(questions.pop() or "", tuple((term[2] or term[4]) for term in terms if term)),)
