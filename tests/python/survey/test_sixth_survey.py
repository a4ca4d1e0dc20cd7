"""A further survey needs a survey file and a response file: no rows, no SQL, no Python, not even a report."""

from __future__ import annotations

import filecmp
from pathlib import Path

import duckdb
import pytest
from support.project import PROJECT, Build, copy_project, run_build
from support.sixth_survey import STRATA, SURVEY, WAVE, add_survey, answers, expected_shares


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the project with the two files."""
    folder = copy_project(tmp_path_factory.mktemp("sixth") / "project")
    add_survey(folder, answers())
    return folder


@pytest.fixture(scope="module")
def released(folder) -> Build:
    """The release of a whole build of the copy: seed rules, models, data tests, audit."""
    done = run_build(folder, folder.parent / "release")
    assert done.returncode == 0, done.stdout + done.stderr
    return Build(folder.parent / "release", done.stdout)


@pytest.fixture(scope="module")
def connection(released) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str((released.releases / "current" / "smv_ai.duckdb").resolve()), read_only=True)


def test_no_code_was_changed(folder):
    def same(found: filecmp.dircmp) -> bool:
        changed = found.diff_files + found.left_only + found.right_only
        return not changed and all(same(below) for below in found.subdirs.values())

    assert same(filecmp.dircmp(folder / "models", PROJECT / "models"))
    assert same(filecmp.dircmp(folder / "macros", PROJECT / "macros"))


def test_its_estimates_stand_in_the_headline_mart(connection, folder, released):
    """Every share, in total and by industry, as worked out from the answers; with interval, base and file.

    The build file has all digits; the mart has as many as the sample supports.
    """
    with duckdb.connect(str(folder / "target" / "build" / "smv_ai.duckdb"), read_only=True) as built:
        estimates = built.execute(
            "select indicator_id, base_population_id, industry_id, estimate"
            " from intermediate.int_estimates_described where survey_wave_id = ? and is_observation",
            [WAVE],
        ).fetchall()
    exact = {row[:3]: row[3] for row in estimates}
    rows = connection.execute(
        "select indicator_id, base_population_id, industry_id, observation_value, sample_size, ci_lower, ci_upper,"
        " standard_error, evidence_type, observation_status, publication_id, source_file, survey_label_da, title_en"
        " from marts.mart_adoption where survey_wave_id = ?",
        [WAVE],
    ).fetchall()
    shown = {row[:3]: row[3] for row in rows}
    expected = {
        (*key, industry or "total"): share
        for industry in (None, *STRATA)
        for key, share in expected_shares(answers(), industry).items()
    }
    assert exact == {key: pytest.approx(share, rel=1e-9) for key, share in expected.items()}
    assert shown == {key: pytest.approx(share, abs=2.5) for key, share in expected.items()}
    for row in rows:
        assert row[5] < row[3] < row[6] and row[7] > 0
        assert row[8:13] == (
            "estimated", "normal", None, f"responses/survey_id={SURVEY}/survey_wave_id={WAVE}", "Fjordundersøgelsen"
        )  # fmt: skip
        assert "by the fjord" in row[13] or "users" in row[13]
    sizes = {row[:3]: row[4] for row in rows}
    assert sizes["ai_use", "fjord_smes", "total"] == sum(row["uses_ai"] >= 0 for row in answers())
    assert sizes["fjord_daily_use", "fjord_users", "total"] == sum(row["how_often"] > 0 for row in answers())


def test_its_groups_are_compared(connection):
    """Differences between its industries are taken, inside its own comparability groups and evidence."""
    rows = connection.execute(
        "select distinct evidence_type, change_type, comparability_group_id from marts.fct_changes"
        " where to_survey_wave_id = ? order by all",
        [WAVE],
    ).fetchall()
    groups = ("ai_use__fjord_smes", "fjord_daily_use__fjord_smes", "fjord_daily_use__fjord_users")
    assert rows == [("estimated", "group", group) for group in groups]


def test_its_release_holds_printed_and_estimated_rows_alone(released, connection):
    assert "demonstration" not in released.stdout.lower()
    found = connection.execute("select distinct evidence_type from marts.fct_observations order by all").fetchall()
    assert found == [("estimated",), ("published",)]
    assert connection.execute("select distinct evidence_type from marts.fct_estimates").fetchall() == [("estimated",)]


def test_nothing_of_a_firm_is_released(released):
    release = (released.releases / "current").resolve()
    assert not [path for path in release.rglob("*") if path.is_file() and b"fjordfirma" in path.read_bytes()]
