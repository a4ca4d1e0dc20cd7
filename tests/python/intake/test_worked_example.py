"""The worked example of the documentation, step by step: the printed questionnaire as a workbook of Microsoft Forms."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import intake_project
from support.project import PROJECT, copy_project, run_build
from support.worked_example import PAGE, edited, edits

from smv_ai.environment import PROJECT_DIR
from smv_ai.intake import command
from smv_ai.metadata.contents import Entry, Variable, contents_of
from tools.forms_workbook import WAVE, questions, responses, write_workbook

MIDT = "midt_2026"


@pytest.fixture(scope="module")
def workbook(tmp_path_factory) -> Path:
    return write_workbook(tmp_path_factory.mktemp("forms"))


@pytest.fixture(scope="module")
def project(workbook: Path, tmp_path_factory) -> Path:
    """A project with the survey drafted, edited as the page says, and loaded."""
    found = intake_project.new_project(tmp_path_factory.mktemp("example") / "project")
    path, said = command.new_survey(found, [workbook], wave=MIDT, tool=None, frame=None, like_wave=None)
    assert "23 questions drafted" in said and "49 decisions" in said
    text = edited(path.read_text(encoding="utf-8"))
    path.write_text(text.replace("respondent_ids: hashed", "respondent_ids: as_they_are"), encoding="utf-8")
    load = intake_project.load(found, wave=MIDT)
    assert load.said["counts"] == {"rows_in": 51, "loaded": 51, "set_aside": {}, "quarantined": {}}
    return found


def asked(project: Path, wave: str) -> list[Entry]:
    """The questions with answers to choose from, in the order of the questionnaire."""
    coded_from_open_answers = "potential_production_and_administration"
    return [one for one in contents_of(project, wave).questions if one.number and one.key != coded_from_open_answers]


def in_words(entry: Entry, row: dict) -> dict[str, str | int]:
    """What a response says in the columns of a question, by their labels; a reserved code as it is."""

    def said(one: Variable) -> str | int:
        labels = {answer.code: answer.label.da for answer in one.answers if answer.code >= 0}
        return labels.get(row[one.column], int(row[one.column]))

    return {one.label.da if len(entry.variables) > 1 else "": said(one) for one in entry.variables}


def test_every_answer_of_the_demonstration_comes_back(project: Path):
    theirs, ours = asked(PROJECT_DIR, WAVE), asked(project, MIDT)
    assert [entry.text.da for entry in ours] == [entry.text.da for entry in theirs] and len(ours) == 22
    rows = {int(row["respondent_id"]): row for row in intake_project.responses(project, "midt", MIDT)}
    assert len(rows) == 51
    for place, given in enumerate(responses(), 1):
        for one, other in zip(theirs, ours, strict=True):
            expected = in_words(one, given)
            # in a form, no box ticked of a question that was asked cannot be told from no answer
            if set(expected.values()) == {"Ikke valgt"}:
                expected = dict.fromkeys(expected, -2)
            assert in_words(other, rows[place]) == expected, (place, other.key)


def test_the_routing_is_that_of_the_questionnaire(project: Path):
    theirs, ours = contents_of(PROJECT_DIR, WAVE), contents_of(project, MIDT)
    numbers = {one.text.da: one.number for one in theirs.questions}

    def routing(contents, entries) -> dict[str, str]:
        names = {variable.column: entry.text.da for entry in entries for variable in entry.variables}
        return {
            numbers[entry.text.da]: re.sub(r"^\w+", lambda found: numbers[names[found[0]]],
                                           contents.in_words(entry.asked_if, "da"))
            for entry in entries if entry.asked_if
        }  # fmt: skip

    assert routing(ours, asked(project, MIDT)) == routing(theirs, asked(PROJECT_DIR, WAVE))


def test_no_open_answer_leaves_the_workbook(project: Path):
    text = (project / "surveys" / f"{MIDT}.yml").read_text(encoding="utf-8")
    assert "Prøvefirma" not in text and "Produktionschef" not in text and "ellers intet" not in text
    columns = set(intake_project.responses(project, "midt", MIDT)[0])
    assert columns - {"respondent_id", "stratum_id", "design_weight", "stratum_population_size"} == {
        variable.column for entry in contents_of(project, MIDT).questions for variable in entry.variables
    }
    assert len(questions()) == 41


def test_the_page_counts_its_edits_right():
    lines = [line for _, hunk in edits() for line in hunk]
    text = PAGE.read_text(encoding="utf-8")
    added, removed = (sum(line[:1] == sign for line in lines) for sign in "+-")
    assert f"{added} lines written and {removed} taken out, in {len(edits())} places" in text
    commands = re.findall(r"^    smv-ai .*$", text, re.MULTILINE)
    assert len(commands) <= 6


def test_from_the_workbook_to_tables_and_codebook_in_six_commands(workbook: Path, tmp_path: Path, monkeypatch):
    """With a build: the commands of the page, in a copy of the project."""
    copy, releases = tmp_path / "project", tmp_path / "releases"
    copy_project(copy)
    environment = {"SMV_AI_PROJECT_DIR": str(copy), "SMV_AI_RELEASE_DIR": str(releases),
                   "SMV_AI_RESPONDENT_KEY": str(tmp_path / "key")}  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> str:
        done = subprocess.run([sys.executable, "-m", "smv_ai.cli", *arguments], cwd=PROJECT, capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("new-survey", str(workbook), "--wave", MIDT)
    file = copy / "surveys" / f"{MIDT}.yml"
    file.write_text(edited(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert "51 = 51 loaded" in run("load", MIDT, "--yes")
    built = run_build(copy, releases)
    assert built.returncode == 0, built.stdout + built.stderr
    run("tables", MIDT, "--out", str(tmp_path))
    assert (tmp_path / f"{MIDT}_tabeller.xlsx").stat().st_size > 20_000
    run("codebook", MIDT, "--out", str(tmp_path))
    page = (tmp_path / f"{MIDT}_kodebog.html").read_text(encoding="utf-8")
    assert "Bruger AI i produktionen" in page and "Andel i procent" in page
    shutil.rmtree(copy)
