"""A further survey needs a survey file and a response file: no rows, no SQL, no Python, not even a report."""

from __future__ import annotations

import csv
import filecmp
import os
from pathlib import Path

import duckdb
import pytest
from support import smallest_survey
from support.app_pages import open_page
from support.commands import smv_ai
from support.project import PROJECT, Build, copy_project, run_build
from support.sixth_survey import STRATA, SURVEY, WAVE, add_survey, answers, expected_shares


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the project with the two files."""
    folder = copy_project(tmp_path_factory.mktemp("sixth") / "project")
    add_survey(folder, answers())
    smallest_survey.add_survey(folder)
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


def test_nothing_was_touched_beside_the_two_files(folder):
    def same(found: filecmp.dircmp) -> bool:
        changed = found.diff_files + found.left_only + found.right_only
        return not changed and all(same(below) for below in found.subdirs.values())

    for name in ("models", "macros", "seeds", "expectations", "panels"):
        assert same(filecmp.dircmp(folder / name, PROJECT / name)), name
    surveys = filecmp.dircmp(folder / "surveys", PROJECT / "surveys")
    assert (surveys.left_only, surveys.right_only, surveys.diff_files) == ([f"{WAVE}.yml", "quay_2026.yml"], [], [])
    assert len(smallest_survey.FILE.splitlines()) <= 15


def test_its_response_rates_are_released(connection):
    """As its file states what became of the sample; of all of known eligibility 670 of 680 are eligible (e)."""
    found = connection.execute(
        "select stratum_id, sampled_count, answered_count, response_rate_1, response_rate_4, weighted_response_rate_2"
        " from marts.fct_response_rates order by is_total, stratum_id"
    ).fetchall()
    assert found == [
        ("construction", 400, 240, 61.54, 61.54, 61.54),
        ("manufacturing", 300, 180, 56.67, 60.0, 60.0),
        (None, 700, 420, 59.42, 60.9, 61.11),
    ]


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
    # how many were asked tells how many use AI: rounded to five
    users = sum(row["how_often"] > 0 for row in answers())
    assert sizes["fjord_daily_use", "fjord_users", "total"] == 5 * round(users / 5)


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


def test_who_made_the_survey_sees_all_of_it(released, folder, connection):
    """All digits of all estimates, and beside each what the release shows; the release is none the wiser."""
    release = (released.releases / "current").resolve()
    before = {path: path.stat().st_mtime_ns for path in release.rglob("*")}
    environment = os.environ | {"SMV_AI_PROJECT_DIR": str(folder), "SMV_AI_RELEASE_DIR": str(released.releases)}
    done = smv_ai(environment, "private", WAVE, smallest_survey.WAVE)
    assert done.returncode == 0, done.stderr
    path = Path(done.stdout.splitlines()[0])
    assert path.parent == folder / "target" / "private" and path.stat().st_mode & 0o077 == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = connection.execute(
        "select design_id, measure_id, breakdown_id, coalesce(segment_label_da, ''), estimate, is_withheld"
        " from marts.fct_estimates where survey_wave_id in (?, ?)",
        [WAVE, smallest_survey.WAVE],
    ).fetchall()
    assert len(rows) == len(shown) > 0
    keys = ("design_id", "measure_id", "breakdown_id", "segment_label_da")
    by_key = {tuple(row[key] for key in keys): row for row in rows}
    for row in shown:
        own = by_key[row[:4]]
        assert (own["is_released"] == "true") is not row[5]
        assert (float(own["released_estimate"]) if own["released_estimate"] else None) == row[4]
        assert own["quality_grade"] and int(own["respondents"]) > 0
    total = next(row for row in rows if (row["measure_id"], row["breakdown_id"]) == ("uses_ai", "total"))
    assert float(total["estimate"]) == pytest.approx(expected_shares(answers())["ai_use", "fjord_smes"], rel=1e-12)
    assert {path: path.stat().st_mtime_ns for path in release.rglob("*")} == before


# --- the smallest survey: a theme and a breakdown that the product does not know


def test_the_smallest_survey_stands_in_estimates_observations_and_a_mart(connection, folder):
    """Every share as worked out from the answers, in total, by its own column and by its own question."""
    expected = smallest_survey.expected_shares(smallest_survey.answers())
    query = (
        "select indicator_id, case when answer_category_id = 'total' then '' else answer_category_label_en end,"
        " case when own_group_id = 'total' then 'Total' else own_group_label_en end as segment, observation_value"
        " from marts.mart_all_themes where survey_id = 'quay' and theme = 'quay' and theme_label_da = 'Kajen'"
    )
    shown = {row[:3]: row[3] for row in connection.execute(query).fetchall()}
    assert set(shown) == set(expected)
    assert shown == {key: pytest.approx(share, abs=2.6) for key, share in expected.items()}
    with duckdb.connect(str(folder / "target" / "build" / "smv_ai.duckdb"), read_only=True) as built:
        exact = built.execute(
            "select indicator_id, array_to_string(categories, ';'), answer_category_id, estimate"
            " from intermediate.int_estimates_described where survey_id = 'quay' and categories = ['large']"
        ).fetchall()
    of_large = sorted(share for key, share in expected.items() if key[2] == "Size: Large")
    assert sorted(row[3] for row in exact) == pytest.approx(of_large, rel=1e-9)
    counts = "select count(*) from marts.{} where survey_id = 'quay'"
    for table in ("fct_observations", "fct_estimates"):
        assert connection.execute(counts.format(table)).fetchall() == [(len(expected),)]


def test_groups_of_its_own_are_compared_within_their_column(connection):
    rows = connection.execute(
        "select distinct indicator_id, changed_dimension, split_part(from_label_en, ':', 1),"
        " split_part(to_label_en, ':', 1)"
        " from marts.fct_changes where theme = 'quay' order by all"
    ).fetchall()
    assert rows == [
        ("quay_pays", "own_group_id", "Do you trust AI?", "Do you trust AI?"),
        ("quay_pays", "own_group_id", "Size", "Size"),
        ("quay_trust", "own_group_id", "Do you trust AI?", "Do you trust AI?"),
        ("quay_trust", "own_group_id", "Size", "Size"),
    ]


def test_a_change_says_which_group_of_its_own_it_leads_to(connection):
    rows = connection.execute(
        "select distinct changed_dimension, own_group_id from marts.fct_changes"
        " where to_survey_wave_id in (?, ?) and from_label_en not like '%trust AI%' order by all",
        [WAVE, smallest_survey.WAVE],
    ).fetchall()
    assert rows == [("industry_id", "total"), ("own_group_id", "size=small")]


def test_nothing_that_may_be_shown_stands_in_the_estimates_alone(connection):
    missing = connection.execute(
        "select count(*) from marts.fct_estimates where not is_change and indicator_id is not null and not is_withheld"
        " and observation_id not in (select observation_id from marts.mart_all_themes)"
    ).fetchall()
    assert missing == [(0,)]
    assert connection.execute("select count(observation_id) from marts.fct_estimates").fetchall() > [(0,)]


def test_the_smallest_survey_is_on_the_page_of_all_indicators(released, monkeypatch):
    address = {"lang": "en", "indicator": "quay.quay_trust", "by": "own_group", "evidence": "estimated"}
    app = open_page(released.releases, monkeypatch, "explore", **address)
    assert not app.exception
    assert "The quay: Do you trust AI?" in app.selectbox[0].options
    assert app.header[0].value.startswith("Do you trust AI?")
    assert any("by the survey's own groups" in caption.value for caption in app.caption)
