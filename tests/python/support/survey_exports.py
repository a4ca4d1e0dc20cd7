"""One invented survey as each survey tool exports it, made here: the answers once, and a writer for each tool.

The survey is of eight questions: one with "Ved ikke", one asked of users, boxes with an open answer,
boxes with "none of
these", a matrix, a whole number, a decimal number, free text. `truth` is what every export must give.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import xlsxwriter

NOT_ASKED, NO_ANSWER, DONT_KNOW = -1, -2, -3
NUMBER = -9_000_000_000
USES = ["Ja", "Nej"]
OFTEN = ["Sjældent", "Hver uge", "Hver dag"]
WHAT = ["Tekst og e-mails", "Kode", "Analyse, fx prognoser", "Andet"]
BARRIERS = ["Manglende kompetencer", "For dyrt", "Usikkerhed om regler (GDPR)", "Ingen barrierer"]
AGREE = ["Meget uenig", "Uenig", "Hverken/eller", "Enig", "Meget enig"]
STATEMENTS = ["AI har øget vores produktivitet", "AI har øget kvaliteten af vores ydelser"]
TEXTS = {
    "q1": "Anvender virksomheden kunstig intelligens (AI)?",
    "q2": "Hvor ofte anvendes AI?",
    "q3": "Hvad anvendes AI til? (Sæt gerne flere krydser)",
    "q4": "Hvilke barrierer oplever I? (Højst tre)",
    "q5": "Hvor enig er du i følgende udsagn?",
    "q6": "Hvor mange ansatte har virksomheden?",
    "q7": "Hvad var omsætningen i 2025 (mio. kr.)?",
    "q8": "Har du andre kommentarer?",
}
OPEN = ["Billeder; lyd og video", "Møder, referater og noter", "Oversættelse"]
COMMENTS = [
    "",
    "Nej, tak",
    'Vi bruger "Copilot"; det går fint',
    "Første linje\nAnden linje; æøå",
    "50 % bedre, 1.000 kr.",
]


@dataclass
class Answer:
    """What a firm answered: 0 stands for nothing, -3 for "Ved ikke"."""

    key: str
    uses: int
    often: int = 0
    what: list[int] = field(default_factory=list)
    other: str = ""
    barriers: list[int] = field(default_factory=list)
    agree: tuple[int, int] = (0, 0)
    staff: int | None = None
    turnover: float | None = None
    comment: str = ""
    state: str = "complete"


def answers(count: int = 40, seed: int = 1) -> list[Answer]:
    """So many complete answers, and with them a test and a partial one."""
    draw = np.random.default_rng(seed)
    found = []
    for number in range(count):
        uses = DONT_KNOW if number % 9 == 4 else int(number % 3 == 1) + 1
        answer = Answer(
            f"G{number:04d}", uses, staff=int(draw.integers(5, 50)), turnover=round(float(draw.uniform(2, 200)), 1)
        )
        answer.comment = COMMENTS[number % 5]
        answer.barriers = [4] if number % 7 == 0 else sorted(draw.choice([1, 2, 3], number % 4, replace=False).tolist())
        if uses == 1:
            answer.often = int(draw.integers(1, 4))
            answer.what = sorted(draw.choice([1, 2, 3, 4], 1 + number % 3, replace=False).tolist())
            answer.other = OPEN[number % 3] if 4 in answer.what else ""
            agree = draw.integers(1, 6, 2)
            answer.agree = (int(agree[0]), DONT_KNOW if number % 8 == 0 else int(agree[1]))
        if number % 11 == 5:
            answer.turnover = None
        found.append(answer)
    test = Answer("TEST", 2, barriers=[1], staff=9, turnover=1.5, state="test")
    partial = Answer("G9001", 1, often=2, what=[1], state="partial")
    return [*found[:7], test, *found[7:], partial]


def truth(given: list[Answer]) -> list[dict[str, Any]]:
    """The canonical answers of the complete ones, by key."""
    rows = []
    for answer in given:
        if answer.state != "complete":
            continue
        asked = answer.uses == 1
        row: dict[str, Any] = {"respondent_id": answer.key, "q1": answer.uses}
        row["q2"] = (answer.often or NO_ANSWER) if asked else NOT_ASKED
        for box in range(1, 5):
            row[f"q3_{box}"] = (int(box in answer.what) if answer.what else NO_ANSWER) if asked else NOT_ASKED
            row[f"q4_{box}"] = int(box in answer.barriers) if answer.barriers else NO_ANSWER
        for item, value in enumerate(answer.agree, 1):
            row[f"q5_{item}"] = (value or NO_ANSWER) if asked else NOT_ASKED
        row["q6"] = NUMBER + NO_ANSWER if answer.staff is None else float(answer.staff)
        row["q7"] = NUMBER + NO_ANSWER if answer.turnover is None else answer.turnover
        rows.append(row)
    return sorted(rows, key=lambda row: row["respondent_id"])


def _text(options: list[str], code: int) -> str:
    return "Ved ikke" if code == DONT_KNOW else options[code - 1] if code > 0 else ""


def _danish(number: float | None) -> str:
    return "" if number is None else str(number).replace(".", ",")


def write_csv(path: Path, rows: list[list[Any]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """Rows as a workbook."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def _boxes_with_words(answer: Answer, sign: str) -> str:
    texts = [WHAT[box - 1] if box < 4 else answer.other for box in answer.what]
    return sign.join(texts)


def google_forms(folder: Path, given: list[Answer]) -> list[Path]:
    """Choices joined by a comma and a space, the open answer in their place; partial answers are never exported."""
    head = ["Tidsstempel", "Virksomhedens nøgle", *(TEXTS[name] for name in ("q1", "q2", "q3", "q4"))]
    head += [f"{TEXTS['q5']} [{statement}]" for statement in STATEMENTS] + [TEXTS[name] for name in ("q6", "q7", "q8")]
    rows = [head]
    for a in given:
        if a.state != "partial":
            rows.append([
                "2026/09/02 8:00:00 AM CET", a.key, _text(USES, a.uses), _text(OFTEN, a.often), _boxes_with_words(a,
                ", "),
                ", ".join(BARRIERS[box - 1] for box in a.barriers), *(_text(AGREE, value) for value in a.agree),
                a.staff if a.staff is not None else "", _danish(a.turnover), a.comment,
            ])  # fmt: skip
    return [write_csv(folder / "Fjordbarometer 2026.csv", rows)]


def survey_monkey(folder: Path, given: list[Answer]) -> list[Path]:
    """Two header rows, Windows-1252, the text of the choice or blank."""
    first = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "Custom Data 1"]
    second = [""] * len(first)
    for name, boxes in (("q1", ["Response"]), ("q2", ["Response"]), ("q3", [*WHAT[:3], "Andet (angiv venligst)"]),
    ("q4", BARRIERS),
                        ("q5", STATEMENTS), ("q6", ["Open-Ended Response"]), ("q7", ["Open-Ended Response"]),
                        ("q8", ["Open-Ended Response"])):  # fmt: skip
        first += [TEXTS[name], *([""] * (len(boxes) - 1))]
        second += boxes
    rows = [first, second]
    for number, a in enumerate(given):
        if a.state == "partial":
            continue
        what = [WHAT[box - 1] if box in a.what else "" for box in (1, 2, 3)] + [a.other]
        barriers = [BARRIERS[box - 1] if box in a.barriers else "" for box in (1, 2, 3, 4)]
        rows.append([
            11_000_000_000 + number, 44, "09/02/2026 08:00:00", "09/02/2026 08:10:00", "192.0.2.7",
            f"a{number}@example.org", a.key,
            _text(USES, a.uses), _text(OFTEN, a.often), *what, *barriers, *(_text(AGREE, value) for value in a.agree),
            "" if a.staff is None else a.staff, _danish(a.turnover), a.comment,
        ])  # fmt: skip
    return [write_csv(folder / "Fjordbarometer 2026.csv", rows, encoding="cp1252")]


def enalyzer(folder: Path, given: list[Answer]) -> list[Path]:
    """A workbook with question texts as headers and answers as texts; boxes in columns of their own."""
    head = ["Respondent ID", "Besvarelsesstatus", "Virksomhedens nøgle", TEXTS["q1"], TEXTS["q2"]]
    head += [f"{TEXTS['q3']} - {box}" for box in WHAT] + [f"{TEXTS['q4']} - {box}" for box in BARRIERS]
    head += [f"{TEXTS['q5']} - {statement}" for statement in STATEMENTS] + [TEXTS[name] for name in ("q6", "q7", "q8")]
    rows: list[list[Any]] = [head]
    for number, a in enumerate(given):
        shown = a.uses == 1
        what = [("Ja" if box in a.what else "Nej") if shown else "" for box in (1, 2, 3, 4)]
        rows.append([
            700 + number, "Gennemført" if a.state != "partial" else "Delvist", a.key, _text(USES, a.uses),
            _text(OFTEN, a.often), *what,
            *("Ja" if box in a.barriers else "Nej" for box in (1, 2, 3, 4)), *(_text(AGREE,
            value) for value in a.agree),
            "" if a.staff is None else a.staff, "" if a.turnover is None else a.turnover, a.comment,
        ])  # fmt: skip
    return [write_xlsx(folder / "enalyzer fjordbarometer.xlsx", {"Data": rows})]


def redcap(folder: Path, given: list[Answer]) -> list[Path]:
    """Raw codes, 0 where a box is not ticked and where it is not shown; a data dictionary beside it."""
    head = ["record_id", "redcap_survey_identifier", "q1", "q2", *(f"q3___{box}" for box in (1, 2, 3, 4)), "q3_other"]
    head += [*(f"q4___{box}" for box in (1, 2, 3, 4)), "q5_1", "q5_2", "q6", "q7", "q8", "fjord_complete"]
    rows: list[list[Any]] = [head]
    for number, a in enumerate(given, 1):
        rows.append([
            number, a.key, 3 if a.uses == DONT_KNOW else a.uses, a.often or "", *(int(box in a.what) for box in (1,
            2, 3, 4)), a.other,
            *(int(box in a.barriers) for box in (1, 2, 3, 4)), *((6 if v == DONT_KNOW else v) or "" for v in a.agree),
            "" if a.staff is None else a.staff, "" if a.turnover is None else a.turnover, a.comment,
            0 if a.state == "partial" else 2,
        ])  # fmt: skip
    dictionary_head = [
        "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
        "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
        "Branching Logic (Show field only if...)",
    ]  # fmt: skip
    users = "[q1] = '1'"

    def listed(options: list[str], dont_know: bool = False) -> str:
        return " | ".join(f"{n}, {text}" for n, text in enumerate([*options, *(["Ved ikke"] if dont_know else [])], 1))

    fields = [
        ("record_id", "text", "Record ID", "", "", ""),
        ("q1", "radio", TEXTS["q1"], listed(USES, True), "", ""),
        ("q2", "dropdown", TEXTS["q2"], listed(OFTEN), "", users),
        ("q3", "checkbox", TEXTS["q3"], listed(WHAT), "", users),
        ("q3_other", "text", "Andet", "", "", "[q3(4)] = '1'"),
        ("q4", "checkbox", TEXTS["q4"], listed(BARRIERS), "", ""),
        ("q5_1", "radio", f"{TEXTS['q5']} - {STATEMENTS[0]}", listed(AGREE, True), "", users),
        ("q5_2", "radio", f"{TEXTS['q5']} - {STATEMENTS[1]}", listed(AGREE, True), "", users),
        ("q6", "text", TEXTS["q6"], "", "integer", ""),
        ("q7", "text", TEXTS["q7"], "", "number", ""),
        ("q8", "notes", TEXTS["q8"], "", "", ""),
    ]
    dictionary = [dictionary_head] + [[name, "fjord", "", kind, label, choices, "", check, logic]
                                      for name, kind, label, choices, check, logic in fields]  # fmt: skip
    return [write_csv(folder / "Fjord_DATA.csv", rows), write_csv(folder / "Fjord_DataDictionary.csv", dictionary)]


def kobo(folder: Path, given: list[Answer]) -> list[Path]:
    """Choices joined by a space and split as well; groups in the names; an XLSForm beside it."""
    names = {"q3": ["text", "code", "analysis", "other"], "q4": ["skills", "price", "rules", "none"]}
    head: list[Any] = ["start", "end", "firm_key", "om/q1", "om/q2"]
    for name, boxes in names.items():
        head += [f"om/{name}", *(f"om/{name}/{box}" for box in boxes)]
    head += ["om/q3_other", "om/q5_1", "om/q5_2", "om/q6", "om/q7", "q8", "_id", "_uuid", "_submission_time"]
    uses = {1: "yes", 2: "no", DONT_KNOW: "dk"}
    rows = [head]
    for number, a in enumerate(given):
        if a.state == "partial":
            continue
        row: list[Any] = [
            "2026-09-02T08:00:00",
            "2026-09-02T08:10:00",
            a.key,
            uses[a.uses],
            f"o{a.often}" if a.often else "",
        ]
        for boxes, ticked, shown in ((names["q3"], a.what, a.uses == 1), (names["q4"], a.barriers, True)):
            row += [
                " ".join(boxes[box - 1] for box in ticked),
                *(int(n in ticked) if shown and ticked else "" for n in (1, 2, 3, 4)),
            ]
        row += [a.other, *(("dk" if v == DONT_KNOW else f"a{v}") if v else "" for v in a.agree)]
        row += ["" if a.staff is None else a.staff, "" if a.turnover is None else a.turnover, a.comment]
        rows.append([*row, 5000 + number, f"uuid-{number}", "2026-09-02T08:10:01"])
    users = "${q1} = 'yes'"
    survey = [["type", "name", "label", "relevant"], ["text", "firm_key", "Nøgle", ""], ["begin_group", "om", "Om", ""],
              ["select_one uses", "q1", TEXTS["q1"], ""], ["select_one often", "q2", TEXTS["q2"], users],
              ["select_multiple what", "q3", TEXTS["q3"], users], ["text", "q3_other", "Andet",
              "selected(${q3}, 'other')"],
              ["select_multiple barriers", "q4", TEXTS["q4"], ""],
              *([["select_one agree", f"q5_{n}", f"{TEXTS['q5']} - {s}", users] for n, s in enumerate(STATEMENTS, 1)]),
              ["integer", "q6", TEXTS["q6"], ""], ["decimal", "q7", TEXTS["q7"], ""], ["end_group", "", "", ""],
              ["text", "q8", TEXTS["q8"], ""]]  # fmt: skip
    choices = [["list_name", "name", "label"], ["uses", "yes", "Ja"], ["uses", "no", "Nej"], ["uses", "dk", "Ved ikke"]]
    choices += [["often", f"o{n}", text] for n, text in enumerate(OFTEN, 1)]
    choices += [["what", name, text] for name, text in zip(names["q3"], WHAT, strict=True)]
    choices += [["barriers", name, text] for name, text in zip(names["q4"], BARRIERS, strict=True)]
    choices += [["agree", f"a{n}", text] for n, text in enumerate(AGREE, 1)] + [["agree", "dk", "Ved ikke"]]
    form = write_xlsx(
        folder / "form.xlsx", {"survey": survey, "choices": choices, "settings": [["form_title"], ["Fjord 2026"]]}
    )
    return [write_csv(folder / "fjord.csv", rows, delimiter=";"), form]


def stata(folder: Path, given: list[Answer]) -> list[Path]:
    """Value labels, and `.a` not asked, `.b` no answer, `.c` don't know."""
    rows = [row | {"firm_key": row["respondent_id"]} for row in truth(given)]
    frame = pd.DataFrame(rows).drop(columns="respondent_id")
    letters = {NOT_ASKED: "a", NO_ANSWER: "b", DONT_KNOW: "c"}
    items = sorted(name for name in frame.columns if name != "firm_key")
    for name in items:
        reserved = {code + (NUMBER if name in ("q6", "q7") else 0): letter for code, letter in letters.items()}
        frame[name] = pd.Series([reserved.get(value, value) for value in frame[name]], dtype=object)
    ticks = {0: "Ikke valgt", 1: "Valgt"}
    labels = {"q1": dict(enumerate(USES, 1)), "q2": dict(enumerate(OFTEN, 1))}
    labels |= {f"q5_{item}": dict(enumerate(AGREE, 1)) for item in (1, 2)}
    labels |= {name: ticks for name in items if name.startswith(("q3_", "q4_"))}
    texts = {"firm_key": "Nøgle"} | {name: TEXTS[name[:2]] for name in items}
    texts |= {f"q3_{n}": f"{TEXTS['q3']} - {box}" for n, box in enumerate(WHAT, 1)}
    texts |= {f"q4_{n}": f"{TEXTS['q4']} - {box}" for n, box in enumerate(BARRIERS, 1)}
    texts |= {f"q5_{n}": f"{TEXTS['q5']} - {statement}" for n, statement in enumerate(STATEMENTS, 1)}
    path = folder / "fjord.dta"
    reasons = {"a": "Ikke stillet", "b": "Uoplyst", "c": "Ved ikke"}
    pyreadstat.write_dta(
        frame[["firm_key", *items]], str(path), column_labels=[texts[name] for name in ("firm_key", *items)],
        variable_value_labels={name: values | reasons for name, values in labels.items()},
        missing_user_values={name: ["a", "b", "c"] for name in items},
    )  # fmt: skip
    return [path]


def plain_table(folder: Path, given: list[Answer]) -> list[Path]:
    """A workbook that somebody typed: names of their own, texts as answers, boxes with a cross."""
    head = ["firm_key", "status", "q1", "q2", *(f"q3_{n}" for n in (1, 2, 3, 4)), *(f"q4_{n}" for n in (1, 2, 3, 4)),
            "q5_1", "q5_2", "q6", "q7", "q8"]  # fmt: skip
    rows: list[list[Any]] = [head]
    for a in given:
        what = ["x" if box in a.what else "" for box in (1, 2, 3, 4)]
        rows.append([
            a.key, "gennemført" if a.state != "partial" else "afbrudt", _text(USES, a.uses), _text(OFTEN, a.often),
            *what,
            *("x" if box in a.barriers else "" for box in (1, 2, 3, 4)), *(_text(AGREE, v) for v in a.agree),
            "" if a.staff is None else a.staff, "" if a.turnover is None else a.turnover, a.comment,
        ])  # fmt: skip
    return [write_xlsx(folder / "fjord.xlsx", {"Ark1": rows})]


WRITERS: dict[str, Callable[[Path, list[Answer]], list[Path]]] = {
    "googleforms": google_forms, "surveymonkey": survey_monkey, "enalyzer": enalyzer, "redcap": redcap, "kobo": kobo,
    "stata": stata, "table": plain_table,
}  # fmt: skip
