"""The printed questionnaire of the regional survey as Microsoft Forms would export it: docs/worked_example.md.

    .venv/bin/python tools/forms_workbook.py FOLDER

writes `AI i produktionen(1-51).xlsx` into the folder: all 41 questions in their order, with the answers of the made-up
demonstration responses of the wave, and invented texts in the open questions. Forms joins the choices of a question,
each ended by a semicolon; the two questions whose answers are ranked stand as a table of statements, a column each,
because Forms' own ranking question exports the order of the choices alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from smv_ai.demo.files import response_frame
from smv_ai.demo.responses import make_waves
from smv_ai.environment import PROJECT_DIR
from smv_ai.metadata.contents import Contents, Entry, Kind, contents_of

WAVE = "dania_2025"
NAME = "AI i produktionen(1-{count}).xlsx"
OWN = ["Id", "Starttidspunkt", "Fuldførelsestidspunkt", "Mail", "Navn"]
HARD_SPACE = "\xa0"
FIRST = dt.datetime(2026, 3, 2, 8, 0)
# Open answers: nobody gave them. Quotes, semicolons and line breaks are what makes an export hard.
OPEN = {
    1: "Prøvefirma {n}, Prøvevej {n}, 8800 Viborg", 2: "{year}", 4: "Emner i stål; rammer, type {n}",
    5: "Produktionschef",
    7: 'Produktion, "hal {n}"', 40: "Planlægning\nog kontrol; af emne {n}",
}  # fmt: skip
ELSE = [("Viden om data", "Tid i hverdagen", "Gode råd", "Ledelsens støtte", "Penge til udstyr"),
        ("for de få", "på hele holdet", "i første omgang", "når ordrerne er mange", "uden for sæsonen", "hos os",
         "med hjælp udefra")]  # fmt: skip


def questions() -> list[dict[str, str]]:
    """The questions of the printed questionnaire, in its order."""
    with (PROJECT_DIR / "seeds" / "catalogue" / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["survey_wave_id"] == WAVE]
    return sorted(rows, key=lambda row: int(row["question_number"]))


@functools.cache
def responses() -> list[dict[str, Any]]:
    """The demonstration responses of the wave, drawn anew; they are always the same."""
    [wave] = make_waves(PROJECT_DIR, only=WAVE)
    return response_frame(wave.sample, wave.codebook, wave.plan).to_dict("records")


def columns(contents: Contents) -> Iterator[tuple[str, Any]]:
    """Each column of the export behind those of Forms itself: its header, and what a response has in it."""
    entries = {entry.number: entry for entry in contents.questions if entry.number}
    for row in questions():
        number, title = row["question_number"], f"{row['wording_da']}{HARD_SPACE}"
        entry = entries.get(number)
        if entry is None or row["question_type"] in ("open", "ranked_text"):
            yield title, _open(int(number), _asked_if(row["asked_of"], entries))
        elif entry.kind is Kind.GRID:
            for variable in entry.variables:
                labels = {answer.code: answer.label.da for answer in variable.answers}
                yield f"{title.strip()}.{variable.label.da}", _single(variable.column, labels)
        elif entry.kind is Kind.SEVERAL:
            yield title, _several(entry)
        else:
            [variable] = entry.variables
            yield title, _single(variable.column, {answer.code: answer.label.da for answer in variable.answers})


def _single(column: str, labels: dict[int, str]) -> Any:
    return lambda response, _: labels.get(response[column], "")


def _several(entry: Entry) -> Any:
    return lambda response, _: "".join(
        f"{variable.label.da};" for variable in entry.variables if response[variable.column] == 1
    )


def _open(number: int, asked_if: tuple[str, int] | None) -> Any:
    """The text of who was asked, and in every third response none."""

    def written(response: dict[str, Any], place: int) -> str:
        is_asked = asked_if is None or response[asked_if[0]] == asked_if[1]
        if not is_asked or (place + number) % 3 == 0:
            return ""
        words = [parts[(place * number) % len(parts)] for parts in ELSE]
        return OPEN.get(number, " ".join([*words, "(nr. {n}); ellers intet"])).format(n=place, year=1950 + place)

    return written


def _asked_if(printed: str, entries: dict[str, Entry]) -> tuple[str, int] | None:
    """Column and code of 'dania_q20 = yes'; None for all."""
    found = re.match(r"dania_q0*(\d+) = (yes|no)", printed)
    return (entries[found[1]].variables[0].column, int(found[2] == "yes")) if found else None


def write_workbook(folder: Path) -> Path:
    """Write the workbook into the folder; returns its path. The same responses give the same cells."""
    given, asked = responses(), list(columns(contents_of(PROJECT_DIR, WAVE)))
    path = folder / NAME.format(count=len(given))
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd-mm-yyyy hh:mm", "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Ark1")
        sheet.write_row(0, 0, [*OWN, *(header for header, _ in asked)])
        for place, response in enumerate(given, 1):
            start = FIRST + dt.timedelta(minutes=37 * place)
            row = [place, start, start + dt.timedelta(minutes=9), "anonymous", ""]
            sheet.write_row(place, 0, [*row, *(told(response, place) for _, told in asked)])
    return path


if __name__ == "__main__":
    print(write_workbook(Path(sys.argv[1])))  # noqa: T201 - what a command says
