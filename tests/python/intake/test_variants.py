"""Further shapes in which the tools export: their other formats, read to the same answers."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from support import intake_project
from support.survey_exports import (
    AGREE,
    BARRIERS,
    DONT_KNOW,
    OFTEN,
    STATEMENTS,
    TEXTS,
    USES,
    WHAT,
    answers,
    google_forms,
    redcap,
    truth,
    write_csv,
)

from smv_ai.intake.finding import in_order

Rows = list[list[Any]]
NOT_SHOWN = "{question_not_shown}"
ITEMS = ("q1", "q2", "q3_1", "q3_2", "q3_3", "q3_4", "q4_1", "q4_2", "q4_3", "q4_4", "q6", "q7")


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def check(project: Path, tool: str, files: list[Path], items: tuple[str, ...] = ITEMS) -> None:
    """The draft, as it is, loads the same answers."""
    text = intake_project.draft(project, files)
    assert f"tool: {tool}\n" in text
    intake_project.load(project)
    rows, expected = intake_project.responses(project), truth(answers())
    assert [[row[name] for name in items] for row in rows] == [[row[name] for name in items] for row in expected]


def test_limesurveys_own_format(tmp_path: Path):
    """vv: texts above the codes, tabs, and `{question_not_shown}`."""
    boxes = [f"{q}_SQ00{n}" for q in ("q3", "q4") for n in (1, 2, 3, 4)]
    head = ["id", "token", "submitdate", "lastpage", "startlanguage", "q1", "q2", *boxes, "q6", "q7", "q8"]
    above = ["Response ID", "Access code", "Date submitted", "Last page", "Start language", TEXTS["q1"], TEXTS["q2"],
             *[f"{TEXTS['q3']} [{box}]" for box in WHAT], *[f"{TEXTS['q4']} [{box}]" for box in BARRIERS],
             TEXTS["q6"], TEXTS["q7"], TEXTS["q8"]]  # fmt: skip
    rows: Rows = [above, head]
    for n, a in enumerate(answers(), 1):
        uses = a.uses == 1
        rows.append([
            n, a.key, "2026-09-02 08:00:00" if a.state != "partial" else NOT_SHOWN, 3, "da",
            USES[a.uses - 1] if a.uses != DONT_KNOW else "Ved ikke",
            (OFTEN[a.often - 1] if a.often else "") if uses else NOT_SHOWN,
            *[("Y" if box in a.what else "") if uses else NOT_SHOWN for box in (1, 2, 3, 4)],
            *["Y" if box in a.barriers else "" for box in (1, 2, 3, 4)],
            "" if a.staff is None else a.staff, "" if a.turnover is None else a.turnover,
            a.comment.replace("\n", "{newline}"),
        ])  # fmt: skip
    check(intake_project.new_project(tmp_path / "project"), "limesurvey",
          [write_csv(tmp_path / "vvexport_123456.csv", rows, "\t")])  # fmt: skip


def test_labels_of_redcap(tmp_path: Path):
    """Labels in place of names and codes, with the dictionary beside them."""
    data, dictionary = redcap(tmp_path, answers())
    head = ["Record ID", "Survey Identifier", TEXTS["q1"], TEXTS["q2"],
            *[f"{TEXTS['q3']} (choice={box})" for box in WHAT], "Andet",
            *[f"{TEXTS['q4']} (choice={box})" for box in BARRIERS],
            *[f"{TEXTS['q5']} - {statement}" for statement in STATEMENTS],
            TEXTS["q6"], TEXTS["q7"], TEXTS["q8"], "Complete?"]  # fmt: skip
    rows: Rows = [head]
    for raw, a in zip(rows_of(data)[1:], answers(), strict=True):

        def said(options: list[str], code: int) -> str:
            return "Ved ikke" if code == DONT_KNOW else options[code - 1] if code > 0 else ""

        ticks = [
            ["Checked" if box in ticked else "Unchecked" for box in (1, 2, 3, 4)] for ticked in (a.what, a.barriers)
        ]
        rows.append([
            *raw[:2], said(USES, a.uses), said(OFTEN, a.often), *ticks[0], a.other, *ticks[1],
            *[said(AGREE, value) for value in a.agree], raw[-4], raw[-3], a.comment,
            "Complete" if a.state != "partial" else "Incomplete",
        ])  # fmt: skip
    check(intake_project.new_project(tmp_path / "project"), "redcap",
          [write_csv(tmp_path / "Fjord_DATA_LABELS.csv", rows), dictionary], (*ITEMS, "q5_1", "q5_2"))  # fmt: skip


def test_choices_of_google_joined_by_semicolons(tmp_path: Path):
    """The file that Google Forms itself writes joins by semicolons, its sheet by commas."""
    [path] = google_forms(tmp_path, answers())
    rows = rows_of(path)
    for column in (rows[0].index(TEXTS["q3"]), rows[0].index(TEXTS["q4"])):
        for row in rows[1:]:
            whole = row[column].replace("Analyse, fx", "Analyse fx")
            row[column] = whole.replace(", ", ";").replace("Analyse fx", "Analyse, fx")
    project = intake_project.new_project(tmp_path / "project")
    text = intake_project.draft(project, [write_csv(tmp_path / "Fjord.csv", rows)])
    assert text.count('separator: ";"') == 2 and 'label: "Analyse, fx prognoser"' in text


def test_codes_in_a_range_of_missing_values_are_no_numbers(tmp_path: Path):
    """SPSS: lowest thru -1, of which one code has a label."""
    values = [-9.0, -3.0, *map(float, range(1, 29))]
    frame = pd.DataFrame({"key": [f"k{n:02d}" for n in range(30)], "staff": values})
    path = tmp_path / "range.sav"
    pyreadstat.write_sav(
        frame, str(path), variable_value_labels={"staff": {-9.0: "Uoplyst"}},
        missing_ranges={"staff": [{"lo": float("-inf"), "hi": -1}]},
    )  # fmt: skip
    project = intake_project.new_project(tmp_path / "project")
    text = intake_project.draft(project, [path])
    assert "number: true" in text
    intake_project.load(project)
    found = [row["staff"] for row in intake_project.responses(project)]
    assert found == [-9000000002, -9000000002, *range(1, 29)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["50-75", "10-20", "Under 10", "250+"], ["Under 10", "10-20", "50-75", "250+"]),
        (["Nr. 3", "Nr. 1", "Nr. 2"], ["Nr. 1", "Nr. 2", "Nr. 3"]),
        (["Hver dag", "Aldrig", "Hver uge"], ["Aldrig", "Hver uge", "Hver dag"]),
        (["Rød", "Blå"], ["Rød", "Blå"]),
    ],
)
def test_answers_that_were_met_stand_in_their_order(given: list[str], expected: list[str]):
    assert [choice.text for choice in in_order(given)] == expected
