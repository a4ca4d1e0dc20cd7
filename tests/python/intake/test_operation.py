"""Loading is an operation: once or twice the same, replaced, undone, killed, and nothing of a person left where it
must not be.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import intake_project
from support.bad_exports import good_csv, good_rows
from support.killing import killed_at
from support.survey_exports import write_csv

from smv_ai import environment
from smv_ai.cli import main
from smv_ai.errors import BadInputError
from smv_ai.intake import personal, store


@pytest.fixture
def project(tmp_path: Path, monkeypatch) -> Path:
    found = intake_project.new_project(tmp_path / "project")
    monkeypatch.setattr(environment, "PROJECT_DIR", found)
    monkeypatch.setenv("SMV_AI_RESPONDENT_KEY", str(tmp_path / "outside" / "key"))
    return found


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == code, done.output
    return done.output


def place(project: Path) -> Path:
    return store.responses_file(project, "fjord", intake_project.WAVE)


def test_from_export_to_responses_replaced_and_undone(project: Path, tmp_path: Path):
    path = good_csv(tmp_path)
    assert "4 questions drafted in surveys/fjord_2026.yml" in run("new-survey", str(path), "--wave", "fjord_2026")
    assert "nothing was loaded" in run("load", "fjord_2026") and not place(project).exists()
    shown = run("load", "surveys/fjord_2026.yml", "--yes")
    assert "rows: 42 = 40 loaded + 2 set aside + 0 quarantined" in shown and "q1 <- q1" in shown
    first = place(project).read_bytes()
    assert "unchanged" in run("load", "fjord_2026", "--yes")
    assert len(store.loads_of(project, "fjord_2026")) == 1 and place(project).read_bytes() == first
    rows = good_rows()[:-5]
    corrected = write_csv(tmp_path / "corrected.csv", rows, ";")
    assert "gone" in run("load", "fjord_2026", str(corrected), "--yes")
    assert place(project).read_bytes() != first
    assert "undone" in run("unload", "fjord_2026", "--yes") and place(project).read_bytes() == first
    run("unload", "fjord_2026", "--yes")
    assert not (project / "responses" / "survey_id=fjord").exists()
    run("unload", "fjord_2026", "--yes", code=2)
    record = [load.said for load in store.loads_of(project, "fjord_2026")]
    assert [said["counts"]["rows_in"] for said in record] == [42, 37]
    assert not list((project / "intake").rglob("kept_rows.parquet"))


def test_respondents_are_hashed_with_a_key_outside_the_project(project: Path, tmp_path: Path):
    run("new-survey", str(good_csv(tmp_path)), "--wave", "fjord_2026")
    assert "a key for respondents was made" in run("load", "fjord_2026", "--yes")
    ids = {row["respondent_id"] for row in intake_project.responses(project)}
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in ids) and len(ids) == 40
    key = tmp_path / "outside" / "key"
    assert key.stat().st_mode & 0o077 == 0 and b"G0001" not in place(project).read_bytes()
    assert {path.stat().st_mode & 0o077 for path in (project / "intake").rglob("*.parquet")} == {0}


class Killing:
    """A wave with one load, and a corrected file; every kill begins from the same state."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.project, self.saved, self.outside = project, folder / "saved", folder / "outside"
        self.corrected = str(write_csv(folder / "corrected.csv", good_rows()[:-5], ";"))
        run("new-survey", str(good_csv(folder)), "--wave", "fjord_2026")
        self.save("before")
        run("load", "fjord_2026", "--yes")
        self.old = self.responses()
        self.save("old")
        run("load", "fjord_2026", self.corrected, "--yes")
        self.new = self.responses()
        self.save("new")

    def responses(self) -> bytes | None:
        return place(self.project).read_bytes() if place(self.project).exists() else None

    def save(self, state: str) -> None:
        for name, folder in (("project", self.project), ("outside", self.outside)):
            if folder.exists():
                shutil.copytree(folder, self.saved / state / name, symlinks=True)

    def restore(self, state: str) -> None:
        for name, folder in (("project", self.project), ("outside", self.outside)):
            shutil.rmtree(folder, ignore_errors=True)
            if (self.saved / state / name).exists():
                shutil.copytree(self.saved / state / name, folder, symlinks=True)

    def at(self, step: int, state: str, *arguments: str) -> bool:
        """Kill a command at a step; whether it has so many."""
        self.restore(state)
        return killed_at(step, [self.project, self.outside], *arguments)

    def check_whole(self) -> None:
        """Nothing half-done is left, after the next command."""
        folders = [self.project / "intake" / "fjord_2026", *(self.project / "responses").rglob("*")]
        left = [path.name for folder in folders if folder.is_dir() for path in folder.iterdir()]
        assert [name for name in left if name.startswith(".") and name != ".lock"] == []
        assert not [
            path for path in (self.project / "responses").rglob("*") if path.is_dir() and not any(path.iterdir())
        ]


# The steps of each command that `make test` kills at; the others are long.
SOME_STEPS = {"first": [9, 18], "corrected": [8, 14], "unload": [4], "draft": [2]}


def kill_first_load(killing: Killing, step: int) -> bool:
    killed = killing.at(step, "before", "load", "fjord_2026", "--yes")
    assert killing.responses() in (None, *([killing.old] if not killed else [])) or rows_of(killing) == 40
    run("load", "fjord_2026", "--yes")
    assert rows_of(killing) == 40 and len(store.loads_of(killing.project, "fjord_2026")) == 1
    killing.check_whole()
    return killed


def rows_of(killing: Killing) -> int:
    return len(intake_project.responses(killing.project))


def kill_corrected_load(killing: Killing, step: int) -> bool:
    killed = killing.at(step, "old", "load", "fjord_2026", killing.corrected, "--yes")
    assert killing.responses() in (killing.old, killing.new)
    run("load", "fjord_2026", killing.corrected, "--yes")
    assert killing.responses() == killing.new and len(store.loads_of(killing.project, "fjord_2026")) == 2
    killing.check_whole()
    run("unload", "fjord_2026", "--yes")
    assert killing.responses() == killing.old
    killing.check_whole()
    return killed


def kill_unload(killing: Killing, step: int) -> bool:
    killed = killing.at(step, "new", "unload", "fjord_2026", "--yes")
    assert killing.responses() in (killing.old, killing.new)
    if killing.responses() == killing.new:
        run("unload", "fjord_2026", "--yes")
    else:  # undone: the next command finishes it
        run("load", "fjord_2026", "--yes")
    assert killing.responses() == killing.old
    undone = [load for load in store.loads_of(killing.project, "fjord_2026") if not load.is_whole]
    assert len(undone) == 1 and not list(undone[0].folder.glob("*.parquet"))
    notes = (killing.project / "intake" / "fjord_2026" / store.UNDONE).read_text(encoding="utf-8")
    assert notes.count("\n") == 1 and undone[0].load_id in notes
    killing.check_whole()
    run("unload", "fjord_2026", "--yes")
    assert killing.responses() is None
    killing.check_whole()
    return killed


def kill_draft(killing: Killing, step: int) -> bool:
    file = killing.project / "surveys" / "fjord_2027.yml"
    killed = killing.at(step, "old", "new-survey", killing.corrected, "--wave", "fjord_2027")
    if not file.exists():
        run("new-survey", killing.corrected, "--wave", "fjord_2027")
    assert "DECIDE" in file.read_text(encoding="utf-8") and "questions:" in file.read_text(encoding="utf-8")
    return killed


KILLS = {"first": kill_first_load, "corrected": kill_corrected_load, "unload": kill_unload, "draft": kill_draft}


def test_a_killed_command_leaves_the_old_state_or_the_new(project: Path, tmp_path: Path):
    killing = Killing(project, tmp_path)
    for name, steps in SOME_STEPS.items():
        assert all(KILLS[name](killing, step) for step in steps), name


@pytest.mark.parametrize("name", KILLS)
def test_a_command_killed_at_any_step_leaves_the_old_state_or_the_new(name: str, project: Path, tmp_path: Path):
    killing = Killing(project, tmp_path)
    step = 1
    while KILLS[name](killing, step):
        step += 1
    assert step > max(SOME_STEPS[name])


@pytest.mark.parametrize("number", range(10))
def test_a_load_killed_at_any_moment_leaves_the_old_state_or_the_new(number: int, project: Path, tmp_path: Path):
    """By time: also while Parquet is written. What is asserted holds whenever the kill comes."""
    killing = Killing(project, tmp_path)
    rounds = random.Random(number)
    for _ in range(10):
        killing.restore("old")
        child = os.fork()
        if child == 0:
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                main(["load", "fjord_2026", killing.corrected, "--yes"], standalone_mode=False)
            finally:
                os._exit(0)
        time.sleep(rounds.uniform(0, 0.5))
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert killing.responses() in (killing.old, killing.new)
        run("load", "fjord_2026", killing.corrected, "--yes")
        assert killing.responses() == killing.new
        killing.check_whole()


def test_two_loads_with_the_same_responses_are_undone_one_by_one(project: Path, tmp_path: Path):
    run("new-survey", str(good_csv(tmp_path)), "--wave", "fjord_2026")
    run("load", "fjord_2026", "--yes")
    responses = place(project).read_bytes()
    file = project / "surveys" / "fjord_2026.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("label: q1", "label: Q1"), encoding="utf-8")
    run("load", "fjord_2026", "--yes")
    assert len(store.loads_of(project, "fjord_2026")) == 2 and place(project).read_bytes() == responses
    run("unload", "fjord_2026", "--yes")
    assert place(project).read_bytes() == responses
    run("unload", "fjord_2026", "--yes")
    assert not place(project).exists()


def test_what_is_no_file_is_refused_and_not_waited_for(project: Path, tmp_path: Path):
    run("new-survey", str(good_csv(tmp_path)), "--wave", "fjord_2026")
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", tmp_path, Path("/dev/zero")):
        assert "is no file" in run("load", "fjord_2026", str(path), "--yes", code=2)


def test_responses_that_came_otherwise_are_not_replaced_in_silence(project: Path, tmp_path: Path):
    run("new-survey", str(good_csv(tmp_path)), "--wave", "fjord_2026")
    place(project).parent.mkdir(parents=True)
    place(project).write_bytes(b"PAR1 of another way")
    assert "--replace" in run("load", "fjord_2026", "--yes", code=2)


def test_a_quarantined_row_is_kept_with_its_place_and_both_messages(project: Path, tmp_path: Path):
    import pyarrow.parquet as parquet

    intake_project.draft(project, [good_csv(tmp_path)])
    rows = good_rows()
    rows[3][2] = "Jaa"
    load = intake_project.load(project, write_csv(tmp_path / "odd.csv", rows, ";"))
    kept = [
        row
        for row in parquet.read_table(load.folder / "kept_rows.parquet").to_pylist()
        if row["rule"] == "answer_known"
    ]
    [row] = kept
    assert (row["file"], row["row"], row["column"]) == ("odd.csv", 4, "q1") and json.loads(row["content"])[
        "q1"
    ] == "Jaa"
    assert "'Jaa' is no answer" in row["message_en"] and "'Jaa' er ingen svarmulighed" in row["message_da"]
    rows[3][2] = "Ja"
    mended = intake_project.load(project, write_csv(tmp_path / "odd.csv", rows, ";"))
    assert mended.said["counts"]["loaded"] == load.said["counts"]["loaded"] + 1


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("x", ["10150817", "25313763", "61126228"], "CVR number"),
        ("x", ["070761-4285", "070761-4285"], "CPR number"),
        ("x", ["a@example.org", "b@example.org"], "mail"),
        ("x", ["192.0.2.1", "2001:db8::1"], "IP address"),
        ("x", ["+45 12 34 56 78"], "telephone"),
        ("x", ["Nørregade 12, 1. th", "Byvej 3"], "address"),
        ("Navn", ["x"], "name"),
        ("Stilling", ["Direktør"], "job title"),
        ("x", ["skriv til mig på a@example.org, tak"], "mail"),
        ("x", ["Ja", "Nej", "Ved ikke"], None),
    ],
)
def test_what_looks_personal_is_flagged(name: str, values: list[str], kind: str | None):
    assert personal.kind_of(name, values) == kind


def test_an_answer_column_of_mail_addresses_is_refused(project: Path, tmp_path: Path):
    intake_project.draft(project, [good_csv(tmp_path)])
    rows = good_rows()
    for row in rows[1:]:
        row[2] = "a@example.org"
    with pytest.raises(BadInputError, match="looks like mail"):
        intake_project.prepared(project, write_csv(tmp_path / "mail.csv", rows, ";"))


def test_the_next_wave_says_what_differs(project: Path, tmp_path: Path):
    intake_project.draft(project, [good_csv(tmp_path)])
    rows = good_rows()
    rows[0] = ["firm_key", "status", "q1", "q2", "employees", "turnover"]
    for row in rows[1:]:
        row[3] = row[3].replace("Hver uge", "Hver måned")
    said = run(
        "new-survey", str(write_csv(tmp_path / "next.csv", rows, ";")), "--wave", "fjord_2027", "--like", "fjord_2026"
    )
    assert "staff: missing" in said and "employees: new" in said and "q2: new answer 'hver måned'" in said
    text = (project / "surveys" / "fjord_2027.yml").read_text(encoding="utf-8")
    assert "continues: fjord_2026" in text and "next.csv" in text
