"""The app without a browser: every page in both languages, what it shows against the marts, and bad releases."""

from __future__ import annotations

import json
import re
import shutil
import string
from pathlib import Path

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

PAGES = ("overview", "adoption", "barriers", "productivity", "sources", "sql")
LANGUAGES = ("da", "en")
TITLES = {
    "da": ("Overblik", "Anvendelse", "Barrierer", "Produktivitet", "Kilder og kontrol", "SQL"),
    "en": ("Overview", "Adoption", "Barriers", "Productivity", "Sources and checks", "SQL"),
}


@pytest.fixture
def app_dir(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the app, importable as `streamlit run` makes it."""
    folder = project / "streamlit_app"
    monkeypatch.syspath_prepend(str(folder))
    return folder


def opened(app_dir: Path, releases: Path, monkeypatch: pytest.MonkeyPatch, page: str, language: str) -> AppTest:
    """The app after a first visit to a page in a language."""
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(releases))
    app = AppTest.from_file(str(app_dir / "app.py"), default_timeout=30)
    app.query_params["lang"] = language
    app.run()
    return app if page == PAGES[0] else app.switch_page(f"pages/{page}.py").run()


@pytest.fixture
def visit(app_dir: Path, release_dir: Path, monkeypatch: pytest.MonkeyPatch):
    """Open a page of the app on the release under test."""
    return lambda page, language="da": opened(app_dir, release_dir, monkeypatch, page, language)


def marts(release_dir: Path, sql: str) -> list[tuple]:
    """Rows of a query on the release, asked past the app."""
    database = (release_dir / "current" / "smv_ai.duckdb").resolve()
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def release_id(release_dir: Path) -> str:
    """The id that the release itself states."""
    return json.loads((release_dir / "current" / "release.json").read_text(encoding="utf-8"))["release_id"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_page_is_drawn_in_its_language(visit, release_dir: Path, page: str, language: str) -> None:
    app = visit(page, language)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == TITLES[language][PAGES.index(page)]
    assert release_id(release_dir) in app.caption[-1].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_headline_equals_the_mart(visit, release_dir: Path, language: str) -> None:
    side = "select {0}_value as value, {0}_value_text_" + language + " as text from marts.fct_comparability"
    both = f"({side.format('left')} union {side.format('right')})"
    [(low, high)] = marts(release_dir, f"select arg_min(text, value), arg_max(text, value) from {both}")
    app = visit("overview", language)
    assert [app.metric[0].value, app.metric[1].value] == [low, high]
    assert low in app.markdown[0].value and high in app.markdown[0].value


def test_any_two_headline_figures_are_explained(visit, release_dir: Path) -> None:
    app = visit("overview")
    pairs = marts(
        release_dir, "select left_headline_id, right_headline_id, differing_facets from marts.fct_comparability"
    )
    sql = "select code_id, label_da from marts.dim_codes where codelist_id = 'comparability_facets'"
    labels = dict(marts(release_dir, sql))
    for one, other, differing in pairs:
        app.selectbox(key="one").set_value(one)
        app.selectbox(key="other").set_value(other).run()
        assert not app.exception
        facets = [labels[facet] for facet in differing.split(",")]
        [sentence] = [text.value for text in app.markdown if text.value.startswith("Tallene kan ikke sammenlignes")]
        assert sentence.endswith("trykt i rapporten.") or ", ".join(facets).lower() in sentence.lower()
        assert list(app.table[0].value.index) == facets


def test_same_figure_twice_asks_for_two(visit) -> None:
    app = visit("overview")
    app.selectbox(key="other").set_value(app.selectbox(key="one").value).run()
    assert app.info[0].value == "Vælg to forskellige tal."


def shown_rows(app: AppTest, column: str, value: str) -> list[dict]:
    """Rows of the tables on a page in which a column has a value."""
    rows = [row for frame in app.dataframe for row in frame.value.to_dict("records")]
    return [row for row in rows if row.get(column) == value]


def test_ai_use_by_industry_equals_the_mart(visit, release_dir: Path) -> None:
    expected = marts(
        release_dir,
        "select industry_label_da, value_text_da from marts.mart_adoption where indicator_id = 'ai_use' "
        "and survey_wave_id = 'dst_micro_2023' order by industry_id = 'total' desc, observation_value desc",
    )
    table = visit("adoption").dataframe[0].value
    assert sorted(zip(table["Gruppe"], table["Værdi"], strict=True)) == sorted(expected)


def test_undetermined_figures_are_in_no_chart_table(visit) -> None:
    app = visit("adoption")
    charted = [frame.value for frame in app.dataframe if "Interval" in frame.value]
    assert charted
    assert not any(frame["Gruppe"].str.contains("Ikke afgjort").any() for frame in charted)


def test_barriers_chart_never_mixes_surveys(visit) -> None:
    app = visit("barriers")
    box = app.selectbox(key="survey")
    for position, name in enumerate(box.options):
        app.selectbox(key="survey").select_index(position).run()
        table = app.dataframe[0].value
        assert table["Måling"].nunique() == 1, name
        assert table["Population"].nunique() == 1, name


def test_area_indicator_shows_both_waves_and_the_change(visit, release_dir: Path) -> None:
    expected = marts(
        release_dir,
        "select region_label_en, value_text_en, change_from_previous_wave from marts.mart_productivity "
        "where indicator_id = 'productivity_indicator' and change_from_previous_wave is not null",
    )
    app = visit("productivity", "en")
    for area, value, change in expected:
        rows = shown_rows(app, "Group", area)
        assert len(rows) == 2
        assert (value, change) in [(row["Value"], row["Change"]) for row in rows]


def test_growth_carries_the_caution(visit) -> None:
    assert "ikke at AI er årsagen" in visit("productivity").info[0].value
    assert "not that AI is the cause" in visit("productivity", "en").info[0].value


def test_checks_are_filtered(visit, release_dir: Path) -> None:
    app = visit("sources")
    [(contradictions,)] = marts(
        release_dir, "select count(*) from marts.fct_source_checks where outcome = 'contradiction'"
    )
    assert any(caption.value == f"{contradictions} kontroller vist" for caption in app.caption)
    app.selectbox(key="report").set_value("ti_2025").run()
    [(of_report,)] = marts(
        release_dir,
        "select count(*) from marts.fct_source_checks where outcome = 'contradiction' and publication_id = 'ti_2025'",
    )
    assert any(caption.value == f"{of_report} kontroller vist" for caption in app.caption)


def test_last_value_of_every_filter_draws(visit) -> None:
    for page in ("adoption", "barriers", "sources"):
        app = visit(page, "en")
        for key in [box.key for box in app.selectbox]:
            app.selectbox(key=key).select_index(-1).run()
            assert not app.exception, (page, key)
            assert not app.error, (page, key)


def test_unknown_language_falls_back_to_danish(visit) -> None:
    assert visit("overview", "fr").title[0].value == "Overblik"


def test_language_survives_a_change_of_page(visit) -> None:
    app = visit("barriers", "en")
    assert app.title[0].value == "Barriers"
    assert app.query_params["lang"] == "en"


UNREADABLE = ("mangler eller kan ikke læses", "missing or cannot be read")
OTHER_SCHEMA = ("mangler en tabel eller kolonne", "lacks a table or a column")


def is_clear_page(app: AppTest, danish: str, english: str) -> bool:
    """Whether the reader is told in both languages what is wrong, without a traceback and half a page."""
    said = " ".join(error.value for error in app.error)
    whole = [title.value for title in app.title] == ["Ingen data at vise / No data to show"]
    return not app.exception and whole and danish in said and english in said


@pytest.mark.parametrize("page", PAGES)
def test_missing_release_is_said_clearly(app_dir, tmp_path, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    assert is_clear_page(opened(app_dir, tmp_path, monkeypatch, page, "da"), *UNREADABLE)


def damaged(release_dir: Path, target: Path) -> Path:
    """A copy of the release to be damaged; returns its folder `current`."""
    shutil.copytree((release_dir / "current").resolve(), target / "broken")
    (target / "current").symlink_to("broken")
    return target / "broken"


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "no_marts", "older", "manifest"])
def test_damaged_release_is_said_clearly(
    app_dir, release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    folder = damaged(release_dir, tmp_path)
    file = folder / "smv_ai.duckdb"
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "garbage":
        file.write_bytes(b"not a database" * 1000)
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "manifest":
        (folder / "release.json").write_text("{", encoding="utf-8")
    else:
        with duckdb.connect(str(file)) as connection:
            connection.execute(
                "drop schema marts cascade"
                if damage == "no_marts"
                else "alter table marts.fct_headline_figures drop column label_da"
            )
    said = OTHER_SCHEMA if damage in ("no_marts", "older") else UNREADABLE
    assert is_clear_page(opened(app_dir, tmp_path, monkeypatch, "overview", "da"), *said)


def test_app_recovers_when_a_release_appears(
    app_dir, release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(app_dir, tmp_path, monkeypatch, "overview", "da")
    assert is_clear_page(app, *UNREADABLE)
    damaged(release_dir, tmp_path)
    app.run()
    assert app.title[0].value == "Overblik"
    assert not app.error


def test_download_carries_what_a_reader_needs(visit, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str] = {}
    monkeypatch.setattr(
        st, "download_button", lambda *_, data, file_name, **__: files.update({file_name: data.decode("utf-8-sig")})
    )
    visit("adoption")
    name, text = next(item for item in files.items() if item[0].startswith("ai_use_by_industry"))
    header, first = text.splitlines()[0].split(","), text.splitlines()[1]
    needed = ("sample_size", "base_population", "interval_method", "source_file", "source_line", "citation")
    assert {*needed, "release_id", "evidence_type"} <= set(header)
    assert name.removesuffix(".csv").split("industry_")[1] in first


def test_texts_are_complete_in_both_languages(app_dir: Path) -> None:
    from shared.text import TEXTS  # only there once the folder of the app is on the path

    for key, pair in TEXTS.items():
        assert all(text.strip() for text in pair), key
        fields = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in pair]
        assert fields[0] == fields[1], key


def test_app_reads_only_public_marts(app_dir: Path) -> None:
    for file in app_dir.rglob("*.py"):
        read = re.findall(r"\b(staging|intermediate|seeds|main)\.\w+", file.read_text(encoding="utf-8"))
        assert not read, file
