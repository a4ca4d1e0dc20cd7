"""After an edit of seed rows a build makes what descends from them, and the release is that of a whole build."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.project import PROJECT, Build, copy_project, run_build
from support.seed_edits import edit

from smv_ai.build import changed_rows, making
from smv_ai.environment import DATABASE_NAME, Kind
from smv_ai.reader import current_release
from smv_ai.seeds.accept import accept

INPUTS = {
    "project/seeds/codelists/regions.csv": "1",
    "project/seeds/codelists/_codelists.yml": "1",
    "project/seeds/accepted.lock": "1",
    "project/surveys/caisa_2024.yml": "1",
    "project/models/marts/core/fct_changes.sql": "1",
    "data/survey_id=a/answers.parquet": "1",
    "package/smv_ai/cli.py": "1",
    "versions": "1",
}
ROWS = "project/seeds/codelists/regions.csv"
LOCK = "project/seeds/accepted.lock"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A build file that was built from INPUTS."""
    file = tmp_path / DATABASE_NAME
    file.write_bytes(b"tables")
    changed_rows.remember(tmp_path, file, INPUTS)
    return file


@pytest.mark.parametrize("others", [[], [LOCK]])
def test_rows_alone_are_built_anew(built: Path, others: list[str]) -> None:
    changed = INPUTS | dict.fromkeys([ROWS, *others], "2")
    assert changed_rows.changed_seeds(built.parent, built, changed) == ["regions"]


@pytest.mark.parametrize("name", [name for name in INPUTS if name not in (ROWS, LOCK)])
def test_whatever_else_changed_everything_is_built(built: Path, name: str) -> None:
    assert changed_rows.changed_seeds(built.parent, built, INPUTS | {ROWS: "2", name: "2"}) is None


@pytest.mark.parametrize(
    "inputs",
    [
        {name: digest for name, digest in INPUTS.items() if name != "project/surveys/caisa_2024.yml"} | {ROWS: "2"},
        INPUTS | {ROWS: "2", "project/seeds/codelists/new.csv": "1"},
        INPUTS | {LOCK: "2"},
        INPUTS,
    ],
    ids=["a file is gone", "a file is new", "the lock alone", "nothing"],
)
def test_where_files_come_or_go_or_no_row_changed_everything_is_built(built: Path, inputs: dict[str, str]) -> None:
    assert changed_rows.changed_seeds(built.parent, built, inputs) is None


def other_names(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_rows, "_survey_tables", lambda _: "others")


SPOILED: dict[str, Callable[[Path, pytest.MonkeyPatch], object]] = {
    "another file": lambda built, _: built.write_bytes(b"tableS"),
    "not closed": lambda built, _: built.with_name(f"{built.name}.wal").write_bytes(b"log"),
    "gone": lambda built, _: built.unlink(),
    "forgotten": lambda built, _: changed_rows.forget(built),
    "no record": lambda built, _: (built.parent / changed_rows.RECORD_NAME).write_text("["),
    "record of nothing": lambda built, _: (built.parent / changed_rows.RECORD_NAME).write_text("null"),
    # survey files may name what a seed lists, of which dbt knows nothing
    "other survey tables": other_names,
}


@pytest.mark.parametrize("what", SPOILED)
def test_where_the_build_file_is_not_what_the_record_says_everything_is_built(
    built: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    SPOILED[what](built, monkeypatch)
    assert changed_rows.changed_seeds(built.parent, built, INPUTS | {ROWS: "2"}) is None


def test_a_build_file_that_was_not_closed_is_not_remembered(tmp_path: Path) -> None:
    file = tmp_path / DATABASE_NAME
    file.write_bytes(b"tables")
    file.with_name(f"{file.name}.wal").write_bytes(b"log")
    changed_rows.remember(tmp_path, file, INPUTS)
    assert not (tmp_path / changed_rows.RECORD_NAME).exists()


@pytest.mark.parametrize(
    ("kind", "force", "seeds"),
    [
        (Kind.WAREHOUSE, False, ["regions"]),
        (Kind.WAREHOUSE, True, None),
        # its responses are drawn from the seeds
        (Kind.DEMONSTRATION, False, None),
    ],
)
def test_before_dbt_writes_the_record_is_gone(built: Path, kind: Kind, force: bool, seeds: list[str] | None) -> None:
    """So a build that fails or is killed is followed by a whole one."""
    changed_rows.remember(PROJECT, built, INPUTS)
    assert making._seeds_to_build(built, kind, INPUTS | {ROWS: "2"}, force=force) == seeds
    assert built.exists() is (seeds is not None)
    assert not (built.parent / changed_rows.RECORD_NAME).exists()


def put(column: str) -> Callable[[list[dict[str, str]]], None]:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0][column] = f"{rows[0][column]} (edited)".strip()

    return change


# Edits of texts that keep every rule, by the seeds that they stand in.
EDITS = {
    "published and catalogue": {
        "published/published_dst_2023": "note",  # its first figure is the one that stands for its observation
        "catalogue/indicators": "label_en",
        "catalogue/not_published": "figure_label",
    },
    "codelists": {"codelists/industries": "label_da", "codelists/barriers": "label_en", "codelists/codes": "label_en"},
    "surveys": {
        "catalogue/surveys": "label_en", "catalogue/survey_waves": "label_da", "catalogue/questions": "wording_en",
    },
    "checks": {"catalogue/source_checks": "explanation_en", "catalogue/publications": "title_en"},
    "rules": {"responses/quality_rules": "reason_en", "interviews/interview_codes": "theme_en"},
}  # fmt: skip


def differing(left: Path, right: Path) -> dict[str, int]:
    """By table of schema marts, how many rows stand in one of two files alone; 'tables' where these differ."""
    with duckdb.connect() as connection:
        found = []
        for name, path in (("a", left), ("b", right)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
            tables = connection.execute(
                "select table_name, sql, comment from duckdb_tables()"
                " where database_name = ? and schema_name = 'marts' and table_name not like 'meta_%' order by all",
                [name],
            ).fetchall()
            found.append(tables)
        assert len(found[0]) > 30
        counts = {"tables": int(found[0] != found[1])}
        for table, *_ in found[0]:
            [(counts[table],)] = connection.execute(
                f"select count(*) from ((from a.marts.{table} except all from b.marts.{table})"
                f" union all (from b.marts.{table} except all from a.marts.{table}))"
            ).fetchall()
    return {table: count for table, count in counts.items() if count}


def copy_with_build(target: Path) -> Path:
    """A copy of the project and of its build file, as the first build left it."""
    project = copy_project(target)
    shutil.copytree(PROJECT / "demo", project / "demo")
    (project / "target" / "build").mkdir(parents=True)
    for name in (DATABASE_NAME, changed_rows.RECORD_NAME):
        shutil.copy(PROJECT / "target" / "build" / name, project / "target" / "build" / name)
    return project


def edited(target: Path, seeds: str) -> Path:
    """A copy of the project with its build file, where rows of these seeds have been edited and accepted."""
    project = copy_with_build(target)
    for seed, column in EDITS[seeds].items():
        edit(project / "seeds" / f"{seed}.csv", put(column))
    accept(project / "seeds", [], write=True)
    return project


def build_in_parts(project: Path, releases: Path, seeds: str) -> Path:
    """Build what descends from the edited seeds; returns the released database."""
    done = run_build(project, releases)
    assert done.returncode == 0, done.stdout + done.stderr
    names = sorted(Path(seed).name for seed in EDITS[seeds])
    [line] = [line for line in done.stdout.splitlines() if "dbt: " in line]
    said = line.partition("only rows of ")[2].removesuffix(" changed")
    assert f"dbt: {len(names)} seeds, " in line and sorted(said.split(", ")) == names
    return current_release(releases).database


def test_an_edit_reaches_the_tables_that_show_it_and_no_other(first_build: Build, tmp_path: Path) -> None:
    project = edited(tmp_path / "project", "published and catalogue")
    in_parts = build_in_parts(project, tmp_path / "releases", "published and catalogue")
    changed = differing(current_release(first_build.releases).database, in_parts)
    assert {"fct_observations", "dim_indicators", "fct_not_published"} <= set(changed)
    assert set(changed).isdisjoint(
        {"tables", "dim_regions", "dim_publications", "fct_comparability", "fct_interview_codes"}
    )


@pytest.mark.parametrize("seeds", EDITS)
def test_the_release_after_an_edit_is_that_of_a_whole_build(seeds: str, first_build: Build, tmp_path: Path) -> None:
    project, releases = edited(tmp_path / "project", seeds), tmp_path / "releases"
    shutil.copytree(first_build.releases, releases, symlinks=True)
    in_parts = build_in_parts(project, releases, seeds)
    whole = run_build(project, releases, "--force")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "only rows of" not in whole.stdout
    at_once = current_release(releases).database
    assert at_once != in_parts
    assert differing(in_parts, at_once) == {}
    assert differing(current_release(first_build.releases).database, at_once) != {}
