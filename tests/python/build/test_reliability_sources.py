"""What goes missing or breaks under a build: nothing is published, the right code, and the culprit named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.commands import run_prepared, smv_ai
from support.estimation_project import respondents, write_wave
from support.project import PROJECT, copy_project, run_build

from smv_ai.errors import ExitCode
from smv_ai.releases.folder import release_names
from smv_ai.survey.response_files import faults


def test_a_missing_seed_is_named_and_the_release_stays(prepared, workspace, tmp_path):  # noqa: F811
    assert run_prepared(prepared, workspace).returncode == ExitCode.DONE
    seeds = tmp_path / "project" / "seeds"
    seeds.unlink()
    for path in (PROJECT / "seeds").rglob("*"):
        target = seeds / path.relative_to(PROJECT / "seeds")
        if path.is_file() and path.name != "regions.csv":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    done = run_prepared(prepared, workspace, "--force")
    assert done.returncode == ExitCode.BAD_INPUT
    assert "seeds/codelists/regions.csv: cannot be read" in done.stderr
    assert len(release_names(tmp_path / "release")) == 1
    assert '"outcome": "bad_input"' in smv_ai(workspace, "history", "--json").stdout


def test_a_release_folder_without_permission_is_named(prepared, workspace):  # noqa: F811
    """As root every folder may be written; a file in the place of the folder refuses everybody."""
    blocked = workspace | {"SMV_AI_RELEASE_DIR": os.path.join(str(prepared), "release")}
    done = run_prepared(prepared, blocked)
    assert done.returncode == ExitCode.ENVIRONMENT
    assert "Cannot write in" in done.stderr and "Traceback" not in done.stderr


SURVEY_FILE = """\
survey: {id: test, label: Prøve | Test}
tables: [total]
questions:
  q1: {label: Bruger I AI? | Do you use AI?, options: yes_no}
"""
WAVE = Path("responses/survey_id=test/survey_wave_id=wave_a")


@pytest.fixture
def project(tmp_path) -> Path:
    """A project with a survey of two waves whose responses are in order."""
    folder = copy_project(tmp_path / "project")
    for wave in ("wave_a", "wave_b"):
        (folder / "surveys" / f"{wave}.yml").write_text(SURVEY_FILE, encoding="utf-8")
        write_wave(folder / "responses", "test", wave, ANSWERS)
    return folder


ANSWERS = respondents({"a": 400, "b": 400})


def garbled(content: bytes) -> bytes:
    """The middle of the file turned over, its head and its end as they were."""
    return (
        content[:100] + bytes(byte ^ 0x5A for byte in content[100 : len(content) // 2]) + content[len(content) // 2 :]
    )


def answer(project: Path, column: str, value: object) -> None:
    write_wave(project / "responses", "test", "wave_a", [{**row, column: value} for row in ANSWERS])


def contradict(project: Path) -> None:
    """A second file of the wave holds the item in another type."""
    file = project / WAVE / "responses.parquet"
    good = file.read_bytes()
    answer(project, "q1", "yes")
    file.rename(file.with_name("more.parquet"))
    file.write_bytes(good)


def rewrite(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    def damage(project: Path) -> None:
        file = project / WAVE / "responses.parquet"
        file.write_bytes(change(file.read_bytes()))

    return damage


UNREADABLE = f"{WAVE}/responses.parquet: cannot be read as Parquet ("
CODES_AS_TEXT = (
    f"{WAVE}: column q1 must hold whole-number codes, it is VARCHAR; write it as a number, "
    "cast(q1 as integer) [column_has_type]\n"
)
DAMAGES = {
    "truncated": (rewrite(lambda content: content[: len(content) // 2]), UNREADABLE + "Invalid Input Error: No magic"),
    "another format": (rewrite(lambda content: b"respondent_id,q1\na,1\n" * 40), UNREADABLE),
    "empty file": (rewrite(lambda content: b""), UNREADABLE),
    "garbled": (rewrite(garbled), UNREADABLE),
    "weight as text": (
        lambda project: answer(project, "design_weight", "ten"),
        f"{WAVE}: column design_weight must hold numbers, it is VARCHAR; write it as a number, "
        "cast(design_weight as double) [column_has_type]\n",
    ),
    "answer as text": (lambda project: answer(project, "q1", "yes"), CODES_AS_TEXT),
    "two types": (contradict, CODES_AS_TEXT),
    "an answer that is none": (lambda project: answer(project, "q1", 7), f"{WAVE}: item q1 has 800 answers that are"),
}
SHORT = ("truncated",)


@pytest.mark.parametrize(
    "kind", [kind if kind in SHORT else pytest.param(kind, marks=pytest.mark.long) for kind in DAMAGES]
)
def test_responses_that_cannot_be_used_publish_nothing_and_are_named(kind, project, release_dir, tmp_path):
    releases = Path(shutil.copytree(release_dir, tmp_path / "releases", symlinks=True))
    before = (releases / "current").resolve(), release_names(releases)
    damage, expected = DAMAGES[kind]
    damage(project)
    done = run_build(project, releases)
    assert done.returncode == ExitCode.BAD_INPUT, done.stdout + done.stderr
    assert "the responses cannot be used; nothing was released." in done.stderr
    assert expected in done.stderr
    assert "load them anew, or take them out of their folder" in done.stderr
    assert "Traceback" not in done.stderr and "> in macro" not in done.stderr
    assert ((releases / "current").resolve(), release_names(releases)) == before


@pytest.mark.long
def test_responses_in_order_are_built_from_wherever_the_command_is_started(project, tmp_path):
    """The test starts the command in another folder than the project's: the response files are found all the same."""
    releases = tmp_path / "releases"
    done = run_build(project, releases)
    assert done.returncode == ExitCode.DONE, done.stderr
    with duckdb.connect(str(project / "target" / "build" / "smv_ai.duckdb"), read_only=True) as connection:
        assert connection.execute("select sum(respondents) from intermediate.int_estimates").fetchone()[0] > 0


def test_a_failure_with_another_cause_is_not_laid_on_the_responses(project):
    assert faults(project, ["model mart_barriers: Parser Error: syntax error at or near from"]) is None
