"""SurveyXact: structure, labels and variables, as files beside the data set or as sheets of one workbook."""

from __future__ import annotations

from collections.abc import Iterable

from smv_ai.intake.definition import Asked, Choice, Definition, Kind

Rows = list[list[str]]
STATUS = "statoverall"


def from_rows(structure: Rows, labels: Rows) -> Definition:
    """The questions of a data set. `structure` has a header row, `labels` none, or one that names its columns."""
    head = [cell.strip() for cell in structure[0]] if structure else []
    rows = [dict(zip(head, row, strict=False)) for row in structure[1:]]
    options: dict[str, list[Choice]] = {}
    for row in labels:
        if len(row) >= 3 and row[0] and row[0] != "variableName":
            options.setdefault(row[0], []).append(Choice(row[1], row[2]))
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row.get("variableName") and row.get("questionName") != STATUS:
            groups.setdefault(row.get("questionName") or row["variableName"], []).append(row)
    questions = [asked for name, group in groups.items() for asked in _asked(name, group, options)]
    return Definition("", questions)


def _asked(name: str, rows: list[dict[str, str]], options: dict[str, list[Choice]]) -> Iterable[Asked]:
    boxes = [row for row in rows if row.get("questionType") == "Closed" and row.get("subType") == "Multiple"]
    if boxes:
        opened = {
            text for row in rows if row not in boxes for text in (row.get("questionText", "").rsplit(" - ", 1)[-1],)
        }
        choices = [
            Choice(row.get("choiceValue", ""), row.get("choiceText", ""), row.get("choiceText") in opened)
            for row in boxes
        ]
        columns = {row.get("choiceValue", ""): row["variableName"] for row in boxes}
        yield Asked(name, boxes[0].get("questionText", ""), "several", choices, columns=columns)
    for row in rows:
        if row in boxes:
            continue
        variable, text = row["variableName"], row.get("questionText", "")
        kinds: dict[str, Kind] = {"Double": "number", "Integer": "number", "Number": "number"}
        kind: Kind = kinds.get(row.get("subType", ""), "text")
        if row.get("questionType") == "Closed":
            kind = "single"
        yield Asked(variable, text, kind, options.get(variable, []), columns={"": variable})
