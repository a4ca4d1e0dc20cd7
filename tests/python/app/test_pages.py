"""The app without a browser: every page in both languages, what it shows against the marts, and bad releases."""

from __future__ import annotations

import json
import re
import shutil
import string
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest
from support.commands import PATIENCE

PAGES = (
    "overview",
    "adoption",
    "barriers",
    "productivity",
    "official",
    "explore",
    "surveys",
    "sources",
    "files",
    "sql",
)
LANGUAGES = ("da", "en")
# How the title of the first page begins; the figures in it are those of the release.
QUESTIONS = ("Hvor mange danske SMV'er bruger AI", "How many Danish SMEs use AI")
TITLES = {
    "da": (
        QUESTIONS[0], "Anvendelse", "Barrierer", "Produktivitet", "Over tid og i udlandet", "Udforsk", "Undersøgelser",
        "Kilder og kontrol", "Data og metode", "SQL",
    ),
    "en": (
        QUESTIONS[1], "Adoption", "Barriers", "Productivity", "Over time and abroad", "Explore", "Surveys",
        "Sources and checks", "Data and methods", "SQL",
    ),
}  # fmt: skip


@pytest.fixture
def app_dir(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the app, importable as `streamlit run` makes it."""
    folder = project / "streamlit_app"
    monkeypatch.syspath_prepend(str(folder))
    return folder


def opened(app_dir: Path, releases: Path, monkeypatch: pytest.MonkeyPatch, page: str, language: str) -> AppTest:
    """The app after a first visit to a page in a language."""
    monkeypatch.setenv("SMV_AI_RELEASE_DIR", str(releases))
    app = AppTest.from_file(str(app_dir / "app.py"), default_timeout=PATIENCE)
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
    assert app.title[0].value.startswith(TITLES[language][PAGES.index(page)])
    assert release_id(release_dir) in app.main.caption[-1].value


def test_any_two_headline_figures_are_explained(visit, release_dir: Path) -> None:
    app = visit("overview")
    pairs = marts(
        release_dir, "select left_headline_id, right_headline_id, differing_facets from marts.fct_comparability"
    )
    sql = "select code_id, label_da from marts.dim_codes where codelist_id = 'comparability_facets'"
    labels = dict(marts(release_dir, sql))
    for one, other, differing in pairs:
        app.multiselect(key="compare").set_value([one, other]).run()
        assert not app.exception
        facets = {labels[facet] for facet in differing.split(",")}
        assert "Ingen af de 1 par kan sammenlignes." not in [text.value for text in app.markdown]
        assert any(text.value == "De to tal kan ikke sammenlignes." for text in app.markdown)
        assert set(app.table[-1].value.index) == facets


def test_three_figures_are_compared_pair_by_pair(visit, release_dir: Path) -> None:
    known = marts(release_dir, "select headline_id from marts.fct_headline_figures order by sort_order limit 3")
    app = visit("overview")
    app.multiselect(key="compare").set_value([one for (one,) in known]).run()
    assert any(text.value == "Ingen af de 3 par kan sammenlignes." for text in app.markdown)
    assert len(app.table[-1].value.columns) == 3


def test_one_figure_alone_asks_for_another(visit) -> None:
    app = visit("overview")
    app.multiselect(key="compare").set_value(app.multiselect(key="compare").value[:1]).run()
    assert app.info[0].value == "Vælg mindst to tal."


def test_unknown_language_falls_back_to_danish(visit) -> None:
    assert visit("overview", "fr").title[0].value.startswith(QUESTIONS[0])


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
    assert app.title[0].value.startswith(QUESTIONS[0])
    assert not app.error


def test_texts_are_complete_in_both_languages(app_dir: Path) -> None:
    from shared.text import TEXTS  # only there once the folder of the app is on the path

    for key, pair in TEXTS.items():
        assert all(text.strip() for text in pair), key
        fields = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in pair]
        assert fields[0] == fields[1], key


def test_app_reads_only_public_marts(app_dir: Path) -> None:
    for file in app_dir.rglob("*.py"):
        read = re.findall(r"(?<!smv_ai\.)\b(staging|intermediate|seeds|main)\.\w+", file.read_text(encoding="utf-8"))
        assert not read, file
