"""Which release a reader sees: the current one, a new one without a restart, an older one by its link, none at all."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.app_pages import APP, open_page, page_names
from support.app_releases import FIRST, SECOND, add_release, named

from smv_ai.environment import DATABASE_NAME
from smv_ai.releases.folder import current_release, switch


@pytest.fixture
def releases(release_dir: Path, tmp_path: Path) -> Path:
    """Two releases that differ in what they call a publisher; the first is current."""
    source = (release_dir / "current").resolve()
    add_release(source, tmp_path, FIRST, change=named("of the first"), days_old=3)
    add_release(source, tmp_path, SECOND, change=named("of the second"))
    switch(tmp_path, FIRST)
    return tmp_path


def shows(app: AppTest, release_id: str, title: str) -> bool:
    """Whether page and footer are of that release, and only of it."""
    publishers = {name for frame in app.dataframe for column in ("Udgiver", "Publisher") if column in frame.value
                  for name in frame.value[column]}  # fmt: skip
    other = {"of the first", "of the second"} - {title}
    footer = app.main.caption[-1].value
    return not app.exception and release_id in footer and title in publishers and not publishers & other


def test_a_new_release_is_shown_without_a_restart(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(releases, monkeypatch, "sources")
    assert shows(app, FIRST, "of the first")
    switch(releases, SECOND)
    assert shows(app.run(), SECOND, "of the second")


def test_a_new_release_takes_the_place_of_the_former_in_memory(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(releases, monkeypatch, "sources")
    from shared.memory import Memory

    def of(release_id: str) -> int:
        return sum(release_id in key for memory in Memory.all for key in memory)

    assert of(FIRST)
    switch(releases, SECOND)
    app.run()
    assert (of(FIRST), of(SECOND) > 0) == (0, True)
    held = open_page(releases, monkeypatch, "sources", release=FIRST)
    assert shows(held, FIRST, "of the first")
    assert of(SECOND), "a reader who is held to an older release took away what the others have"


def test_a_page_never_mixes_two_releases(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(releases, monkeypatch, "sources")
    from shared import data

    ask, asked = data.query, []

    def switching(sql: str, **parameters: object) -> object:
        rows = ask(sql, **parameters)
        if not asked:
            switch(releases, SECOND)  # a build publishes between two queries of a page
        asked.append(sql)
        return rows

    monkeypatch.setattr(data, "query", switching)
    assert shows(app.run(), FIRST, "of the first")
    assert len(asked) >= 2
    assert shows(app.run(), SECOND, "of the second")


def test_the_footer_says_how_old_the_release_is(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language, said in (("da", "for 3 dage siden"), ("en", "3 days ago")):
        app = open_page(releases, monkeypatch, "overview", lang=language)
        assert f"{FIRST}, " in app.main.caption[-1].value
        assert said in app.main.caption[-1].value


def test_a_link_holds_a_reader_to_its_release(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    switch(releases, SECOND)
    app = open_page(releases, monkeypatch, "sources", release=FIRST)
    assert shows(app, FIRST, "of the first")
    app.switch_page("pages/adoption.py").run()
    assert app.query_params["release"] == FIRST, "a change of page drops what the address says"
    app.switch_page("pages/sources.py").run()
    assert shows(app, FIRST, "of the first")
    assert f"ældre udgave af data: {FIRST}, dannet for 3 dage siden" in app.warning[0].value
    app.button(key="newest_release").click().run()
    assert shows(app, SECOND, "of the second")
    assert "release" not in app.query_params
    assert not app.warning


def test_a_link_to_the_current_release_needs_no_warning(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(releases, monkeypatch, "sources", release=FIRST)
    assert shows(app, FIRST, "of the first")
    assert not app.warning


def said(app: AppTest) -> str:
    """What the page says instead of figures; it must be nothing but that."""
    assert not app.exception
    assert [title.value for title in app.title] == ["Ingen data at vise / No data to show"]
    assert not app.dataframe, "half a page was left"
    return " ".join(error.value for error in app.error)


@pytest.mark.parametrize("asked", ["20200101T000000Z", "../secret", "/etc", "current/..", "[x](http://x.y)"])
def test_a_link_to_a_release_that_is_not_there(releases: Path, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    app = open_page(releases, monkeypatch, "sources", release=asked)
    text = said(app)
    assert "findes ikke eller kan ikke læses" in text
    assert "is not there or cannot be read" in text
    assert asked not in text, "what a link says is no text of the app"
    app.button(key="newest_release").click().run()
    assert shows(app, FIRST, "of the first")


OLDER_SCHEMA = {
    "a table": "drop table marts.dim_publications",
    "a column": "alter table marts.dim_publications drop column publisher",
    "the schema": "drop schema marts cascade",
}


@pytest.mark.parametrize("page", page_names())
@pytest.mark.parametrize("lacking", OLDER_SCHEMA)
def test_an_older_schema_is_said_on_every_page_that_needs_it(
    release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, lacking: str
) -> None:
    source = (release_dir / "current").resolve()
    add_release(source, tmp_path, FIRST, change=OLDER_SCHEMA[lacking])
    switch(tmp_path, FIRST)
    app = open_page(tmp_path, monkeypatch, page)
    if app.error or lacking == "the schema":
        text = said(app)
        assert "mangler en tabel eller kolonne" in text
        assert "lacks a table or a column" in text
    assert not app.exception


def test_a_damaged_release_does_not_keep_readers_from_another(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = releases / SECOND / DATABASE_NAME
    file.write_bytes(file.read_bytes()[:100_000])
    switch(releases, SECOND)
    assert "mangler eller kan ikke læses" in said(open_page(releases, monkeypatch, "sources"))
    assert shows(open_page(releases, monkeypatch, "sources", release=FIRST), FIRST, "of the first")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    releases.chmod(0)
    try:
        assert "mangler eller kan ikke læses" in said(open_page(releases, monkeypatch, "sources"))
    finally:
        releases.chmod(0o755)


def open_databases() -> set[str]:
    """The database files that this process holds open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return {target for link in links if os.path.lexists(link) and (target := os.readlink(link)).endswith(".duckdb")}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")
def test_the_app_holds_few_releases_open(release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (release_dir / "current").resolve()
    before = open_databases()
    for day in range(1, 8):
        add_release(source, tmp_path, f"202601{day:02}T000000Z")
        switch(tmp_path, f"202601{day:02}T000000Z")
        assert not open_page(tmp_path, monkeypatch, "overview").error
    assert 1 <= len(open_databases() - before) <= 4


def test_a_run_has_one_cursor_and_shares_it_with_no_other(
    release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(release_dir, monkeypatch, "overview")
    from shared import data

    this, other = current_release(release_dir), add_release((release_dir / "current").resolve(), tmp_path, FIRST)
    first = data._cursor(this)
    assert data._cursor(this) is first
    with ThreadPoolExecutor(1) as another_run:
        assert another_run.submit(data._cursor, this).result() is not first
    switch(tmp_path, FIRST)
    of_the_other = data._cursor(current_release(tmp_path))
    [[path]] = of_the_other.execute("select path from duckdb_databases() where path is not null").fetchall()
    assert Path(path).parent == other


def test_the_caches_are_bounded() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.py"))
    cached = [part.split("\n")[0] for part in code.split("@st.cache_")[1:]]
    assert len(cached) >= 2
    bounded = [line for line in cached if "max_entries=" in line and "ttl=" in line]
    single = [line for line in cached if line.startswith("resource(show_spinner=False)")]
    assert len(bounded) + len(single) == len(cached), cached
