"""REDCap: the data dictionary, a CSV file."""

from __future__ import annotations

import re

from smv_ai.intake.definition import Asked, Choice, Definition, Kind, Routing
from smv_ai.intake.reading.qualtrics import text_of

FIELD, TYPE, LABEL = "Variable / Field Name", "Field Type", "Field Label"
CHOICES, VALIDATION = "Choices, Calculations, OR Slider Labels", "Text Validation Type OR Show Slider Number"
BRANCHING = "Branching Logic (Show field only if...)"
# The raw names of the columns, in a dictionary that came by the programming interface.
RAW = {
    "field_name": FIELD, "field_type": TYPE, "field_label": LABEL, "select_choices_or_calculations": CHOICES,
    "text_validation_type_or_show_slider_number": VALIDATION, "branching_logic": BRANCHING,
}  # fmt: skip
TERM = re.compile(r"\[(\w+)(?:\((\w+)\))?\]\s*=\s*['\"]?(-?\w+)['\"]?")
YES_NO = [Choice("1", "Yes"), Choice("0", "No")]
TRUE_FALSE = [Choice("1", "True"), Choice("0", "False")]


def is_dictionary(head: list[str]) -> bool:
    """Whether the first row of a file is that of a data dictionary."""
    return FIELD in head or {"field_name", "field_type"} <= set(head)


def from_rows(rows: list[list[str]]) -> Definition:
    """The questions of a data dictionary, whose first row names the columns."""
    head = [RAW.get(cell, cell) for cell in rows[0]]
    unread: list[str] = []
    fields = [dict(zip(head, row, strict=False)) for row in rows[1:] if row and row[0]]
    # the first field tells the records apart
    return Definition("", [asked for row in fields[1:] if (asked := _asked(row, unread)) is not None], unread)


def choices_of(text: str) -> list[Choice]:
    """`1, Ja | 2, Nej` as answers; a text may hold commas."""
    parts = [part.split(",", 1) for part in text.split("|") if "," in part]
    return [Choice(code.strip(), text_of(label)) for code, label in parts]


def _asked(row: dict[str, str], unread: list[str]) -> Asked | None:
    name, kind, text = row.get(FIELD, ""), row.get(TYPE, ""), text_of(row.get(LABEL))
    validation = row.get(VALIDATION, "")
    routing = _routing(row.get(BRANCHING, ""), name, unread)
    if kind in ("descriptive", "file"):
        return None
    if kind == "checkbox":
        return Asked(name, text, "several", choices_of(row.get(CHOICES, "")), routing=routing)
    if kind in ("radio", "dropdown"):
        return Asked(name, text, "single", choices_of(row.get(CHOICES, "")), routing=routing)
    if kind in ("yesno", "truefalse"):
        return Asked(name, text, "single", YES_NO if kind == "yesno" else TRUE_FALSE, routing=routing)
    is_number = validation.startswith(("integer", "number")) or kind in ("calc", "slider")
    found: Kind = "number" if is_number else "text"
    return Asked(name, text, found, routing=routing)


def _routing(logic: str, name: str, unread: list[str]) -> tuple[Routing, ...]:
    if not logic.strip():
        return ()
    terms = [TERM.fullmatch(part.strip().strip("()").strip()) for part in re.split(r"\s+or\s+", logic)]
    questions = {term[1] if term else "" for term in terms}
    if None in terms or len(questions) != 1 or any(term and term[2] for term in terms):
        unread.append(f"{name}: its branching logic '{logic}' is beyond one question's answers; write asked_if by hand")
        return ()
    return (Routing(questions.pop(), tuple(term[3] for term in terms if term)),)
