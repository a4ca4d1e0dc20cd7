"""Loading is an operation: once or twice the same, replaced, undone, killed, and nothing of a person left where it
must not be.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import intake_project
from support.bad_exports import good_csv, good_rows
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


@pytest.mark.parametrize("moment", ["write_table", "rename", "copyfile"])
def test_a_load_that_is_killed_leaves_the_old_state(moment: str, project: Path, tmp_path: Path, monkeypatch):
    intake_project.draft(project, [good_csv(tmp_path)])
    intake_project.load(project)
    before = place(project).read_bytes()
    owner = {"write_table": store.parquet, "rename": Path, "copyfile": store.shutil}[moment]

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(owner, moment, killed)
        with pytest.raises(KeyboardInterrupt):
            intake_project.load(project, write_csv(tmp_path / "corrected.csv", good_rows()[:-5], ";"))
    assert place(project).read_bytes() == before
    with store.only_loader(project, "fjord", "fjord_2026"):
        pass
    assert len(store.loads_of(project, "fjord_2026")) == 1
    assert [path.name for path in (project / "intake" / "fjord_2026").iterdir() if path.name.startswith(".un")] == []
    assert [path.name for path in place(project).parent.iterdir()] == ["responses.parquet"]


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
