"""Tables with what a release withholds: from the build file, for the researcher alone, and never among the releases."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from support.table_release import WAVE, of_group, table_release

from smv_ai.cli import main
from smv_ai.environment import DATABASE_NAME

WITHHELD = {"estimate": None, "ci_lower": None, "ci_upper": None, "is_withheld": True, "quality_grade": None}
# What the models of a build hold beside the public tables; the figure that the release withholds is 17.25.
PRIVATE = """
insert into marts.dim_codes (codelist_id, code_id, sort_order, description_da, description_en)
    values ('evidence_types', 'estimated', 1, 'Beregnet', 'Computed');
"""
OF_BUILD = """
create schema intermediate;
create table intermediate.int_estimates_private as select
    row_number() over (order by estimate_id) as estimate_number,
    * exclude (
        sample_size, estimate_id, technology_id, barrier_id, answer_category_id, breakdown_columns, weighting_method,
        is_suppressed, is_withheld, source_file, evidence_notice_da, evidence_notice_en
    ) replace (coalesce(estimate, 17.25) as estimate, coalesce(quality_grade, 'do_not_publish') as quality_grade),
    sample_size as respondents, not is_withheld as is_released, cast(null as varchar) as suppression_rule
from marts.fct_estimates;
create table intermediate.int_estimates_described as select
    row_number() over (order by estimate_id) as estimate_number, technology_id, barrier_id, answer_category_id,
    string_split(nullif(breakdown_columns, ''), ';') as column_names, weighting_method, is_suppressed, is_withheld,
    source_file
from marts.fct_estimates
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a release in which one estimate is withheld, and the build file that it was made from."""
    rows = [{}, of_group("size_class_id", "s", "5-9", **WITHHELD), {"survey_wave_id": "tern_2025"}]
    release = table_release(tmp_path / "release", rows, PRIVATE)
    build = tmp_path / "target" / "build" / DATABASE_NAME
    build.parent.mkdir(parents=True)
    build.write_bytes((release / DATABASE_NAME).read_bytes())
    # as the release's facts have it, so that the two belong together
    monkeypatch.setattr("smv_ai.build.private.content_hash", lambda _: "same")
    monkeypatch.setattr("smv_ai.build.private.facts_of", lambda _: {"content_hash": "same"})
    with duckdb.connect(str(build)) as connection:
        connection.execute(OF_BUILD)
    monkeypatch.setattr("smv_ai.environment.PROJECT_DIR", tmp_path)
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(tmp_path / "release"))
    monkeypatch.setenv("SMV_AI_DEMO_RELEASE_DIR", str(tmp_path / "release_demo"))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["tables", WAVE, "--private", "--language", "en", *arguments])


def test_private_tables_hold_what_the_release_withholds_and_say_what_they_are(project: Path) -> None:
    done = run("--format", "csv", "--format", "md")
    assert done.exit_code == 0, done.output
    folder = project / "target" / "private"
    files = {path.suffix: path for path in folder.iterdir()}
    assert sorted(path.name for path in files.values()) == [f"private_{WAVE}_tables.{form}" for form in ("csv", "md")]
    assert done.output.split() == [str(files[".csv"]), str(files[".md"])]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    with files[".csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = {row["segment"]: row for row in csv.DictReader(file)}
    assert [float(rows[segment]["estimate"]) for segment in ("", "s")] == [42.0, 17.25]
    assert rows["s"]["mark"] == "u" and {row["release"][:8] for row in rows.values()} == {"private "}
    assert "> **PRIVATE: with figures that the release withholds." in files[".md"].read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["release/tables", "release", "release_demo/current"])
def test_private_tables_are_written_nowhere_that_is_served(project: Path, place: str) -> None:
    done = run("--out", str(project / place))
    assert done.exit_code == 2 and "lies below the releases" in done.output and "--out" in done.output
    assert not list(project.rglob("private_*"))


def test_private_tables_go_where_they_are_told_and_replace_nothing(project: Path) -> None:
    assert run("--out", str(project / "mine")).exit_code == 0
    again = run("--out", str(project / "mine"))
    assert again.exit_code == 2 and "--force" in again.output
    assert [path.name for path in (project / "mine").iterdir()] == [f"private_{WAVE}_tables.xlsx"]


def test_a_release_of_before_has_no_private_tables(project: Path) -> None:
    done = run("--release", "20260101T000000Z")
    assert done.exit_code == 2 and "leave out --release" in done.output


def test_a_build_file_of_another_release_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smv_ai.build.private.facts_of", lambda _: {"content_hash": "another"})
    done = run()
    assert done.exit_code == 7 and "is not that of the current release" in done.output
    assert not (project / "target" / "private").exists()
