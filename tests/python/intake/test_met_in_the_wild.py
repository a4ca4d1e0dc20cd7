"""Shapes of exports that tools are known to write: each is drafted and loaded as it comes, and gives these answers.

A case is the file, what the draft must say, and for a column of the export (or a choice in it) the answers by row:
labels or numbers, 1 and 0 for a box, and not asked, no answer or don't know by name.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
import xlsxwriter
from support import intake_project

from smv_ai.errors import BadInputError
from smv_ai.intake import certificate, store
from smv_ai.intake.canonical import Canonical
from smv_ai.intake.reading import apart
from smv_ai.intake.reading.files import Form
from smv_ai.intake.reading.grid import Grid
from smv_ai.intake.reading.labelled import read_labelled
from smv_ai.intake.reading.workbook import read_workbook
from smv_ai.intake.words import plain
from smv_ai.survey.file.items import danish

NO, NOT_ASKED, DONT_KNOW = "no answer", "not asked", "don't know"
REASONS = {-1: NOT_ASKED, -2: NO, -3: DONT_KNOW}
Rows = list[list[Any]]


@pytest.fixture(autouse=True)
def without_a_process(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory):
    """Workbooks and files of SPSS and Stata are read here and now: what is tested is not how they are kept apart."""

    def read(path: Path, form: Form, sheet: str | None, *_unchanged: int) -> Grid:
        folder = tmp_path_factory.mktemp("cells")
        if form is Form.WORKBOOK:
            read_workbook(path, folder, sheet)
        else:
            read_labelled(path, folder, form)
        return apart._loaded(folder)

    monkeypatch.setattr(apart, "_read", read)


def text_file(path: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    path.write_bytes(written.getvalue().encode(encoding))
    return path


def workbook(path: Path, sheets: dict[str, Rows]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for position, cell in enumerate(row):
                    if cell != "":
                        sheet.write(number, position, cell)
    return path


def answers(tmp_path: Path, files: list[Path], edits: dict[str, str] | None = None) -> tuple[str, dict[str, list[Any]]]:
    """The draft, and for each column of the export, or `column: choice`, what its rows became."""
    project = intake_project.new_project(tmp_path / "project")
    text = intake_project.draft(project, files, edits=edits)
    found = intake_project.prepared(project)
    assert found.canonical.is_loaded.all(), found.canonical.findings
    return text, _shown(found.canonical)


def _shown(canonical: Canonical) -> dict[str, list[Any]]:
    shown: dict[str, list[Any]] = {}
    for loaded in canonical.items:
        item = loaded.item
        name = f"{loaded.source}: {danish(item.member_label or '')}" if loaded.is_joined else loaded.source
        values = []
        for value in canonical.values[item.column].tolist():
            reserved = int(value) + 9_000_000_000 if loaded.is_number else int(value)
            option = item.options.get(int(value)) if not loaded.is_number else None
            known = danish(option.label or "") if option and item.list_name != "ticked" else value
            values.append(REASONS.get(reserved, known))
        shown[name] = values
    return shown


def column(rows: Rows, name: str) -> list[Any]:
    return [row[rows[0].index(name)] for row in rows[1:]]


def boxes(texts: list[str], choice: str, sign: str) -> list[int]:
    return [int(plain(choice) in [plain(part) for part in text.split(sign)]) for text in texts]


def test_choices_that_hold_the_sign_that_joins_them(tmp_path: Path):
    """Google: 'A' and 'A, b' are both choices, and brackets hold a semicolon; the sign is the comma all the same."""
    cells = ["Fodbold, Fodbold, indendørs", "Fodbold", "Svømning (hal; hav)", "Fodbold, Svømning (hal; hav)",
             "Fodbold, indendørs, Løb", "Løb", "Svømning (hal; hav), Løb", "Fodbold, indendørs"]  # fmt: skip
    picked = [(1, 1, 0, 0), (1, 0, 0, 0), (0, 0, 1, 0), (1, 0, 1, 0), (0, 1, 0, 1), (0, 0, 0, 1), (0, 0, 1, 1),
              (0, 1, 0, 0)]  # fmt: skip
    rows = [["Tidsstempel", "Hvilken sport?"], *([f"{n}", cell] for n, cell in enumerate(cells))]
    text, found = answers(tmp_path, [text_file(tmp_path / "svar.csv", rows)])
    choices = ["Fodbold", "Fodbold, indendørs", "Svømning (hal; hav)", "Løb"]
    assert {name: found[f"Hvilken sport?: {name}"] for name in choices} == {
        name: [row[place] for row in picked] for place, name in enumerate(choices)
    }
    assert "'Fodbold, indendørs' is read as one choice" in text


def test_a_semicolon_and_a_space_do_not_part_choices_of_forms(tmp_path: Path):
    cells = ["Hal (ude; inde);", "Løb;Hal (ude; inde);", "Løb;", "Løb;", "Hal (ude; inde);Løb;", "Hal (ude; inde);"]
    rows = [
        ["Id", "Starttidspunkt", "Fuldførelsestidspunkt", "Hvad?"],
        *([n, 1.5, 1.6, cell] for n, cell in enumerate(cells)),
    ]
    _, found = answers(tmp_path, [workbook(tmp_path / "svar.xlsx", {"Sheet1": rows})])
    assert found["Hvad?: Hal (ude; inde)"] == [1, 1, 0, 0, 1, 1] and found["Hvad?: Løb"] == [0, 1, 1, 1, 1, 0]


def test_a_ranking_is_no_question_of_several_choices(tmp_path: Path):
    cells = ["Pris;Tid;Ro;", "Tid;Pris;Ro;", "Ro;Tid;Pris;", "Pris;Tid;Ro;"]
    rows = [["Id", "Starttidspunkt", "Fuldførelsestidspunkt", "Rangér", "Køn"],
            *([n, 1.5, 1.6, cell, "Kvinde"] for n, cell in enumerate(cells))]  # fmt: skip
    text, found = answers(tmp_path, [workbook(tmp_path / "svar.xlsx", {"Sheet1": rows})])
    assert list(found) == ["Køn"] and "'Rangér' is a ranking" in text


def test_boxes_that_hold_their_position(tmp_path: Path):
    """SurveyMonkey with numbers: a box that was ticked holds its own number."""
    head = [
        ["Respondent ID", "Collector ID", "Sports?", "", ""],
        ["", "", "Football", "Tennis", "Other (please specify)"],
    ]
    given = [["1", "", "golf"], ["1", "2", ""], ["", "2", ""], ["", "", ""], ["1", "", "yoga"]]
    rows = [*head, *([f"10{n}", "5", *row] for n, row in enumerate(given))]
    _, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows)])
    assert found == {
        "Sports? [Football]": [1, 1, 0, NO, 1], "Sports? [Tennis]": [0, 1, 1, NO, 0],
        "Sports? [Other (please specify)]": [1, 0, 0, NO, 1],
    }  # fmt: skip


def test_an_answer_that_is_written_in_a_column_of_its_own(tmp_path: Path):
    """SurveyMonkey leaves the question's own column blank for who wrote something else."""
    head = [["Respondent ID", "Collector ID", "Sex?", ""], ["", "", "Response", "Other (please specify)"]]
    given = [["Female", ""], ["", "neither"], ["Male", ""], ["", ""], ["Female", ""], ["Male", ""]]
    rows = [*head, *([f"10{n}", "5", *row] for n, row in enumerate(given))]
    text, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows)])
    assert found == {"Sex?": ["Female", "Other (please specify)", "Male", NO, "Female", "Male"]}
    assert "neither" not in text
    project = tmp_path / "project"
    load = intake_project.load(project)
    back = certificate.rebuilt(load.folder, store.responses_file(project, "fjord", intake_project.WAVE))
    assert list(back["Sex?"].values()) == [row[0] for row in given]
    assert "neither" not in (load.folder / certificate.NAME).read_text(encoding="utf-8")


def test_an_answer_in_own_words_among_the_others(tmp_path: Path):
    rows = [["Timestamp", "Sex?"], *([f"{n}", cell] for n, cell in enumerate(["Female", "Male", "neither", ""] * 2))]
    edits = {r"(?s)(options:\n).*": "\\1      1: Female\n      2: Male\n      3: {label: Other, open: true}\n"}
    text, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows)], edits)
    assert found == {"Sex?": ["Female", "Male", "Other", NO] * 2}


def test_qualtrics_in_a_workbook_has_two_rows_of_headers(tmp_path: Path):
    """And boxes with their texts, the groups of a recommendation, orders of display, words beside a choice."""
    names = ["StartDate", "ResponseId", "Finished", "Q1", "Q1_2_TEXT", "Q2_1", "Q2_2", "Q3_NPS_GROUP", "Q3", "FL_9_DO"]
    texts = ["Start Date", "Response ID", "Finished", "Sex?", "Sex? - Other - Text", "Which? - Selected Choice - Tea",
             "Which? - Selected Choice - Beer", "Likely? - Group", "Likely?", "Order"]  # fmt: skip
    given = [["Female", "", "Tea", "", "Detractor", 3], ["Other", "they", "Tea", "Beer", "Promoter", 9],
             ["Female", "", "", "Beer", "Promoter", 10], ["Other", "x", "", "", "Passive", 7]]  # fmt: skip
    rows = [names, texts, *(["2026-09-01 10:00:00", f"R_{n}", "True", *row, "A|B"] for n, row in enumerate(given))]
    _, found = answers(tmp_path, [workbook(tmp_path / "a.xlsx", {"Sheet0": rows})])
    assert found == {
        "Q1": ["Female", "Other", "Female", "Other"], "Q2_1": [1, 1, 0, NO], "Q2_2": [0, 1, 1, NO], "Q3": [3, 9, 10, 7],
    }  # fmt: skip


def test_headers_of_limesurvey_with_code_and_text(tmp_path: Path):
    rows = [
        ["id. Svar-ID", "submitdate. Dato for afsendelse", "A1. Dit køn?", "A1[other]. Dit køn? [Andet]",
         "B[SQ001]. Hvad? [Te]", "B[SQ002]. Hvad? [Øl]", "groupTime7. Gruppetid: X"],
        ["1", "2026-09-01", "Kvinde", "", "Ja", "Nej", "3"], ["2", "2026-09-01", "Andet", "hen", "N/A", "N/A", "4"],
        ["3", "2026-09-01", "Kvinde", "", "Nej", "Ja", "3"], ["4", "2026-09-01", "Andet", "", "N/A", "N/A", "3"],
        ["5", "2026-09-01", "Andet", "", "N/A", "N/A", "3"],
    ]  # fmt: skip
    text, found = answers(tmp_path, [text_file(tmp_path / "results-survey1.csv", rows, ";")])
    assert found == {
        "A1": ["Kvinde", "Andet", "Kvinde", "Andet", "Andet"], "B[SQ001]": [1, *[NOT_ASKED], 0, *[NOT_ASKED] * 2],
        "B[SQ002]": [0, NOT_ASKED, 1, NOT_ASKED, NOT_ASKED],
    }  # fmt: skip
    assert "tool: limesurvey" in text and "label: Te," in text and 'label: "Dit køn?"' in text


def test_redcap_negative_codes_and_statements_called_alike(tmp_path: Path):
    head = [
        "Variable / Field Name",
        "Form Name",
        "Field Type",
        "Field Label",
        "Choices, Calculations, OR Slider Labels",
    ]
    listed = "1, Uenig | 2, Enig | -7, Ved ikke"
    fields = [["record_id", "f", "text", "Nr", ""], ["s", "f", "checkbox", "Symptom?", "1, Feber | -8, Ingen"],
              ["a1", "f", "radio", "Jeg er tryg", listed], ["b1", "f", "radio", "Jeg er tryg", listed]]  # fmt: skip
    dictionary = text_file(tmp_path / "a_DataDictionary.csv", [head, *fields])
    labelled = [["Nr", "Symptom? (choice=Feber)", "Symptom? (choice=Ingen)", "Jeg er tryg", "Jeg er tryg", "Complete?"],
                ["1", "Checked", "Unchecked", "Enig", "Uenig", "Complete"],
                ["2", "Unchecked", "Checked", "Uenig", "Ved ikke", "Complete"]]  # fmt: skip
    raw = [["record_id", "s___1", "s____8", "a1", "b1", "f_complete"], ["1", "1", "0", "2", "1", "2"],
           ["2", "0", "1", "1", "-7", "2"]]  # fmt: skip
    for name, rows in (("labels", labelled), ("raw", raw)):
        (tmp_path / name).mkdir()
        _, found = answers(tmp_path / name, [text_file(tmp_path / name / "a_DATA.csv", rows), dictionary])
        assert list(found.values()) == [[1, 0], [0, 1], ["Enig", "Uenig"], ["Uenig", DONT_KNOW]]


def test_only_one_event_of_redcap_counts_and_no_repeat(tmp_path: Path):
    rows = [["study_id", "redcap_event_name", "redcap_repeat_instrument", "sex", "f_complete"],
            ["1", "base", "", "1", "2"], ["1", "base", "visits", "", ""], ["1", "later", "", "2", "2"],
            ["2", "base", "", "2", "2"], ["2", "later", "", "1", "2"],
            ["3", "base", "", "2", "2"]]  # fmt: skip
    project = intake_project.new_project(tmp_path / "project")
    text = intake_project.draft(project, [text_file(tmp_path / "a.csv", rows)])
    assert "rows of 2 events ('base', 'later')" in text and "respondent: study_id" in text
    found = intake_project.prepared(project).canonical
    assert found.values["sex"][found.is_loaded].tolist() == [1, 2, 2]


def test_boxes_of_kobo_within_groups_are_preferred_to_the_joined_choices(tmp_path: Path):
    survey = [
        ["type", "name", "label", "relevant"],
        ["begin_group", "g", "Sport", ""],
        ["select_multiple l", "gren", "Hvad?", ""],
        ["text", "gren_andet", "Skriv", ""],
        ["end_group", "", "", ""],
    ]
    choices = [["list_name", "name", "label"], ["l", "bold", "Bold"], ["l", "andet", "Andet"]]
    form = workbook(tmp_path / "form.xlsx", {"survey": survey, "choices": choices})
    rows = [["start", "end", "g/gren", "g/gren/bold", "g/gren/andet", "g/gren_andet", "_id", "_uuid"],
            ["1", "2", "bold andet", 1, 1, "ro", 1, "u1"], ["1", "2", "bold", 1, 0, "", 2, "u2"]]  # fmt: skip
    _, found = answers(tmp_path, [workbook(tmp_path / "a.xlsx", {"a": rows}), form])
    assert found == {"g/gren/bold": [1, 1], "g/gren/andet": [1, 0]}


def test_boxes_that_are_crossed_or_blank_in_a_table_of_somebodys_own(tmp_path: Path):
    rows = [["elev", "sport_bold", "sport_løb", "alder"], ["a", "x", "", "11"], ["b", "", "x", "Ved ikke"],
            ["c", "", "", "Ønsker ikke at svare"], ["d", "x", "x", "212"]]  # fmt: skip
    _, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows, ";", "cp1252")])
    assert found == {"sport_bold": [1, 0, NO, 1], "sport_løb": [0, 1, NO, 1], "alder": [11, DONT_KNOW, NO, 212]}


def test_numbers_whose_labels_only_say_why_there_is_none(tmp_path: Path):
    """SPSS: 998 is called don't know and not declared; of a scale only the ends have labels."""
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"kr": [100.0, 998.0, 250.0, 999.0], "skala": [0.0, 3.0, 10.0, 7.0]})
    labels = {"kr": {998.0: "Ved ikke", 999.0: "Ønsker ikke at svare"}, "skala": {0.0: "Slet ikke", 10.0: "Fuldt"}}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    text, found = answers(tmp_path, [path])
    assert found == {"kr": [100, DONT_KNOW, 250, NO], "skala": ["Slet ikke", "3", "Fuldt", "7"]}
    assert "'998' in place of a number" not in text and '9: "9"' in text


@pytest.mark.parametrize(("label", "reason"), [("Prefer not to say", NO), ("Inapplicable", NOT_ASKED), ("", NO)])
def test_letters_of_stata_are_never_answers(label: str, reason: str, tmp_path: Path):
    path = tmp_path / "a.dta"
    asked = [1.0, 2.0, 2.0, 2.0] if reason == NOT_ASKED else [1.0, 1.0, 2.0, 2.0]
    frame = pd.DataFrame({"f": asked, "x": pd.Series([1.0, "b", "b", "b"], dtype=object)})
    labels = {"f": {1: "Yes", 2: "No"}, "x": {1: "Yes", 2: "No"} | ({"b": label} if label else {})}
    pyreadstat.write_dta(frame, str(path), variable_value_labels=labels, missing_user_values={"x": ["b"]})
    _, found = answers(tmp_path, [path])
    assert found["x"] == ["Yes", *[reason] * 3]


def test_choices_that_spaces_join_are_told_apart_or_refused(tmp_path: Path):
    """KoboToolbox: with the form, a cell is read where it can be read in one way; without it the way out is named."""
    survey = [["type", "name", "label"], ["select_multiple l", "q", "What?"]]
    choices = [
        ["list_name", "name", "label"],
        *(["l", f"c{n}", text] for n, text in enumerate(["A b", "A", "b c", "c"])),
    ]
    form = workbook(tmp_path / "form.xlsx", {"survey": survey, "choices": choices})
    cells = ["A", "c", "b c A", "A b c", "A c", "A b"]
    rows = [["_id", "_uuid", "_submission_time", "What?"], *([n, f"u{n}", "x", cell] for n, cell in enumerate(cells))]
    given = text_file(tmp_path / "a.csv", rows, ";")
    project = intake_project.new_project(tmp_path / "project")
    intake_project.draft(project, [given, form])
    found = intake_project.prepared(project).canonical
    assert [(one.row, one.value) for one in found.findings] == [
        (5, "A b c, which can be read as other choices as well,")
    ]
    assert found.values["q_3"].tolist()[2] == 1 and found.values["q_2"][[0, 2, 4]].tolist() == [1, 1, 1]
    text = intake_project.draft(project, [given], wave="fjord_2027")
    assert "labels of several choices with a space between" in text and "options:" not in text


def test_rankings_dates_and_contacts_stay_outside(tmp_path: Path):
    head = [["Respondent ID", "Collector ID", "Contact", "", "When born?", "Seen?", "Sex?", "Where?"],
            ["", "", "Name", "City/Town", "Date / Time", "Open-Ended Response", "Response", "Response"]]  # fmt: skip
    given = [
        ["Ann", "Ry", "03/04/2010", "2026-01-02", "F", "55.1 10.2 0 0"],
        ["Bo", "Ry", "05/04/2011", "2026-01-03", "M", "55.1 10.2 0 0"],
    ]
    rows = [*head, *([f"10{n}", "5", *row] for n, row in enumerate(given * 3))]
    text, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows)])
    assert list(found) == ["Sex?"] and '"Contact [City/Town]"  # address' in text


def test_qualtrics_of_old_numbers_its_own_columns(tmp_path: Path):
    head = [
        ["V1", "V4", "V10", "Q1", "V2", ""],
        ["ResponseID", "ExternalDataReference", "Finished", "Sex?", "IPAddress", ""],
    ]
    rows = [*head, ["R_1", "a", "1", "2", "", ""], ["R_2", "b", "0", "1", "", ""], ["R_3", "c", "1", "1", "x", ""]]
    project = intake_project.new_project(tmp_path / "project")
    text = intake_project.draft(project, [text_file(tmp_path / "a.csv", rows)])
    assert "respondent: ExternalDataReference" in text and "valid: {Finished:" in text and 'label: "Sex?"' in text
    found = intake_project.prepared(project).canonical
    assert found.values["q1"][found.is_loaded].tolist() == [2, 1]


def test_comments_beside_boxes_and_other_by_any_name_stay_outside(tmp_path: Path):
    rows = [["id", "submitdate", "M[SQ001]", "M[SQ001comment]", "M[SQ002]", "M[SQ002comment]"],
            ["1", "x", "Y", "so", "", ""], ["2", "x", "", "", "Y", "or so"], ["3", "x", "Y", "", "Y", "w"]]  # fmt: skip
    _, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows)])
    assert found == {"M[SQ001]": [1, 0, 1], "M[SQ002]": [0, 1, 1]}
    (tmp_path / "b").mkdir()
    head = ["Respondent ID", "Response status", "Which?: Tea", "Which?: Other", "Which?: Other (text)"]
    rows = [head, ["1", "x", "1", "0", ""], ["2", "x", "0", "1", "milk"], ["3", "x", "1", "1", "juice"]]
    _, found = answers(tmp_path / "b", [text_file(tmp_path / "b" / "a.csv", rows)])
    assert found == {"Which?: Tea": [1, 0, 1], "Which?: Other": [0, 1, 1]}


def test_spellings_that_differ_in_capitals_are_one_answer(tmp_path: Path):
    rows = [
        ["id", "sex"],
        *([f"p{n}", cell] for n, cell in enumerate(["Mand", "MAND", "Kvinde", "\u00a0Mand", "kvinde "] * 2)),
    ]
    text, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows)])
    assert found == {"sex": ["Mand", "Mand", "Kvinde", "Mand", "Kvinde"] * 2} and "'MAND' is read as 'Mand'" in text


def test_codes_that_say_not_asked_where_nothing_tells_who_is(tmp_path: Path):
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"kr": [100.0, -1.0, 250.0, -1.0], "m1": [1.0, None, 1.0, None], "m2": [None, 1.0, 1.0, None]})
    labels = {"kr": {-1.0: "Ikke relevant"}, "m1": {1.0: "yes"}, "m2": {1.0: "yes"}}
    texts = {"m1": "Media: paper", "m2": "Media: radio", "kr": "Money"}
    pyreadstat.write_sav(
        frame, str(path), variable_value_labels=labels, column_labels=texts, missing_ranges={"kr": [-1]}
    )
    text, found = answers(tmp_path, [path])
    assert found == {"kr": [100, NO, 250, NO], "m1": [1, 0, 1, NO], "m2": [0, 1, 1, NO]}
    assert "'-1' says not asked, and nothing tells who is" in text


def test_surveymonkey_without_its_second_row_loses_nobody(tmp_path: Path):
    given = [[f"10{n}", "5", cell] for n, cell in enumerate(["Yes", "No", "Yes", "No"])]
    rows = [["Respondent ID", "Collector ID", "Sex?"], *given]
    _, found = answers(tmp_path, [text_file(tmp_path / "a.csv", rows)])
    assert found == {"Sex?": ["Yes", "No", "Yes", "No"]}


def test_a_relabelled_answer_of_a_question_in_a_group_is_told(tmp_path: Path):
    survey = [["type", "name", "label"], ["begin_group", "g", "Group"], ["select_one l", "q", "Well?"],
              ["select_multiple l", "m", "Which?"], ["end_group", "", ""]]  # fmt: skip
    project = intake_project.new_project(tmp_path / "project")
    head = ["start", "end", "g/q", "g/m", "g/m/a", "g/m/b", "_id", "_uuid"]
    rows = [["1", "2", "a", "a", "1", "0", "1", "u1"], ["1", "2", "b", "b", "0", "1", "2", "u2"]]
    given = text_file(tmp_path / "a.csv", [head, *rows], ";")

    def form(one: str, other: str) -> Path:
        choices = [["list_name", "name", "label"], ["l", "a", one], ["l", "b", other]]
        return workbook(tmp_path / "form.xlsx", {"survey": survey, "choices": choices})

    intake_project.draft(project, [given, form("Yes", "No")])
    assert intake_project.prepared(project).canonical.values["q"].tolist() == [1, 2]
    form("No", "Yes")
    with pytest.raises(
        BadInputError, match="(?s)questions.q.options.1: the definition calls 'a' 'No'.*questions.m.items"
    ):
        intake_project.prepared(project)
