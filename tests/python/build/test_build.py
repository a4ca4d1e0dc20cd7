"""Build, audit, release: what is published is complete, and what fails leaves the last release alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from support.project import PROJECT, copy_project, run_build

from smv_ai.build.audit import audit, read_suites
from smv_ai.errors import AuditError
from smv_ai.reader import NoReleaseError, connect, current_release
from smv_ai.releases.write import content_hash, copy_marts, publish


def test_the_build_prints_the_headlines_and_where_everything_lies(first_build):
    for text in ("all passed", "all met", "66%", "8.3%", "mart_adoption 158", "current/smv_ai.duckdb", "make app"):
        assert text in first_build.stdout


def test_a_release_is_complete_and_its_checksum_is_right(release_dir):
    release = current_release(release_dir)
    facts = json.loads((release.path / "release.json").read_text(encoding="utf-8"))
    assert facts["release_id"] == release.path.name
    assert facts["content_hash"] == content_hash(release.database)
    assert (release.path / "data_docs" / "index.html").is_file()


def test_a_release_holds_the_marts_only_with_comments_on_every_column(warehouse):
    schemas = warehouse.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert schemas == [("marts",)]
    silent = warehouse.execute(
        "select table_name, column_name from duckdb_columns()"
        " where schema_name = 'marts' and coalesce(comment, '') = ''"
    ).fetchall()
    assert silent == []
    assert warehouse.execute("select count(*) from duckdb_tables() where coalesce(comment, '') = ''").fetchone() == (0,)


def test_contracts_reach_the_release(warehouse):
    tables = warehouse.execute("select sql from duckdb_tables() where table_name = 'fct_observations'").fetchone()[0]
    assert "base_population_id VARCHAR NOT NULL" in tables


def test_opening_the_data_docs_contacts_nobody(release_dir):
    pages = [*(release_dir / "current" / "data_docs").rglob("*.html"), *(release_dir / "current").rglob("*.css")]
    assert pages
    loading = re.compile(r"(?:src=|url\()[\"']?https?://|<link[^>]+href=[\"']?https?://")
    assert [page.name for page in pages if loading.search(page.read_text(encoding="utf-8"))] == []


def test_reading_without_a_release_says_what_to_do(tmp_path):
    with pytest.raises(NoReleaseError, match="make warehouse"):
        current_release(tmp_path)


def test_connect_reads_only(release_dir):
    with connect(current_release(release_dir)) as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("create table marts.mine as select 1")


@pytest.fixture
def damaged_build(release_dir, tmp_path) -> Path:
    """A copy of the released tables that lacks one report."""
    target = tmp_path / "build.duckdb"
    shutil.copy((release_dir / "current").resolve() / "smv_ai.duckdb", target)
    with duckdb.connect(str(target)) as connection:
        connection.execute("delete from marts.fct_observations where publication_id = 'dst_2023'")
    return target


def test_the_audit_refuses_a_build_that_lost_a_report(damaged_build, tmp_path):
    with pytest.raises(AuditError) as caught:
        audit(damaged_build, tmp_path / "docs")
    message = str(caught.value)
    assert "nothing was released" in message
    assert "marts.fct_observations: expect_column_distinct_values_to_contain_set" in message
    assert caught.value.exit_code == 4


def test_every_suite_says_why():
    for suite in read_suites():
        assert suite["meta"]["table"] == f"marts.{suite['name']}"
        assert all(expectation["meta"]["why"] for expectation in suite["expectations"])


def test_the_link_is_switched_in_one_step_and_readers_of_the_old_release_go_on(release_dir, tmp_path):
    releases = tmp_path / "release"
    for name in ("first", "second"):
        staged = releases / f".staging-{name}"
        staged.mkdir(parents=True)
        copy_marts((release_dir / "current").resolve() / "smv_ai.duckdb", staged / "smv_ai.duckdb")
        (staged / "release.json").write_text(json.dumps({"release_id": name, "created_at": "2026-01-01T00:00:00"}))
        publish(staged, releases, name)
        assert current_release(releases).release_id == name
        if name == "first":
            reader = connect(current_release(releases))
    assert reader.execute("select count(*) from marts.fct_observations").fetchone()[0] > 0
    assert sorted(path.name for path in releases.iterdir()) == ["current", "first", "second"]


@pytest.fixture
def own_releases(release_dir, tmp_path) -> Path:
    """A copy of the release folder, so that other tests see only the first release."""
    return Path(shutil.copytree(release_dir, tmp_path / "releases", symlinks=True))


def release_state(releases: Path) -> tuple[Path, list[str]]:
    return (releases / "current").resolve(), sorted(path.name for path in releases.iterdir())


FAILURES = {
    "bad input": (
        2,
        "seeds/published/published_dst_2023.csv, row 1 (line 2), column observation_value: 'thirteen' is not a number",
        lambda project: (project / "seeds/published/published_dst_2023.csv").write_text(
            (project / "seeds/published/published_dst_2023.csv")
            .read_text(encoding="utf-8")
            .replace(",13,", ",thirteen,", 1),
            encoding="utf-8",
        ),
    ),
    "failed data test": (
        3,
        "test no_difference_crosses_comparability_groups (tests/dbt/no_difference_crosses_comparability_groups.sql)",
        lambda project: (project / "models/intermediate/observations/int_observation_pairs_differenced.sql").write_text(
            (project / "models/intermediate/observations/int_observation_pairs_differenced.sql")
            .read_text(encoding="utf-8")
            .replace("on earlier.comparability_group_id = later.comparability_group_id", "on true"),
            encoding="utf-8",
        ),
    ),
    "compile error": (
        3,
        "mart_barriers",
        lambda project: (project / "models/marts/barriers/mart_barriers.sql").write_text("select {{ nonsense( }}"),
    ),
    "refused by the audit": (
        4,
        "marts.fct_interview_codes: expect_table_row_count_to_equal",
        lambda project: (project / "expectations/fct_interview_codes.json").write_text(
            (project / "expectations/fct_interview_codes.json").read_text(encoding="utf-8").replace("48", "49")
        ),
    ),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failed_build_publishes_nothing_and_names_the_culprit(kind, own_releases, tmp_path):
    exit_code, culprit, damage = FAILURES[kind]
    project = copy_project(tmp_path / "project")
    damage(project)
    before = release_state(own_releases)
    done = run_build(project, own_releases)
    assert done.returncode == exit_code, done.stdout + done.stderr
    assert culprit in done.stderr
    assert "Traceback" not in done.stderr
    assert release_state(own_releases) == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = run_build(PROJECT, blocked / "release")
    assert done.returncode == 5
    assert "Cannot write in" in done.stderr and "SMV_AI_RELEASE_DIR" in done.stderr
