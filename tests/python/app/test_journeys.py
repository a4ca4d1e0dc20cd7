"""Journeys of a reader in a real headless Chromium: a query of one's own, and a release that arrives meanwhile."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pyarrow.parquet
import pytest
from support.app_releases import FIRST, SECOND, add_release, named
from support.app_server import OVERVIEW, complete, menu, running_app

from smv_ai.releases.folder import switch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
STATEMENT = "select publisher, count(*) as figures from mart_adoption group by all order by all"


def ask(page, statement: str) -> None:
    """Type a statement and run it with the keyboard."""
    page.get_by_label("Query").fill(statement)
    page.get_by_label("Query").press("Control+Enter")


def test_a_query_of_ones_own(
    browser: Browser, address: str, release_dir: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    expected = warehouse.execute(STATEMENT.replace("from ", "from marts.", 1)).fetchall()
    release_id = (release_dir / "current").resolve().name
    page = browser.new_page(accept_downloads=True)
    page.goto(f"{address}/sql?lang=en")
    complete(page, "SQL")
    ask(page, "copy mart_adoption to 'x.csv'")
    page.get_by_text("Only SELECT can be run").wait_for()
    ask(page, STATEMENT)
    page.get_by_text(f"{len(expected)} rows in").wait_for()
    complete(page, "SQL")
    files = {}
    for name in ("CSV", "Parquet"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Download {name}").click()
        assert download.value.suggested_filename == f"sql_{release_id}.{name.lower()}"
        files[name] = Path(download.value.path()).read_bytes()
    csv, parquet = pd.read_csv(io.BytesIO(files["CSV"])), pyarrow.parquet.read_table(io.BytesIO(files["Parquet"]))
    assert list(csv[["publisher", "figures"]].itertuples(index=False, name=None)) == expected
    assert csv["smv_ai_statement"].dropna().tolist() == [STATEMENT] and set(csv["smv_ai_release"]) == {release_id}
    assert [tuple(row.values()) for row in parquet.to_pylist()] == expected
    assert parquet.schema.metadata[b"smv_ai_statement"].decode() == STATEMENT

    # Whoever gets the link sees the statement, and runs it only by wish.
    other = browser.new_page()
    other.goto(page.url)
    complete(other, "SQL")
    assert other.get_by_label("Query").input_value() == STATEMENT
    assert not other.get_by_text("rows in").is_visible()


def test_others_go_on_while_a_query_exhausts_its_process(browser: Browser, address: str) -> None:
    busy, reader = browser.new_page(), browser.new_page()
    busy.goto(f"{address}/sql?lang=en")
    complete(busy, "SQL")
    reader.goto(f"{address}/?lang=en")
    complete(reader, OVERVIEW)
    # A query is stopped after ten seconds; on a busy machine a page takes as long: again, until one was done first.
    for title in ("Adoption", "Barriers") * 8:
        ask(busy, "select levenshtein(repeat('a', 1000000), repeat('b', 1000000))")
        busy.get_by_text("Running …").wait_for()
        menu(reader).filter(has_text=title).click()
        complete(reader, title)
        goes_on = busy.get_by_text("Running …").is_visible()
        busy.get_by_text("The query was stopped after 10 seconds").wait_for()
        if goes_on:
            return
    pytest.fail("the readers waited for it, each time")


def test_a_new_release_arrives(browser: Browser, release_dir: Path, tmp_path: Path) -> None:
    source = (release_dir / "current").resolve()
    add_release(source, tmp_path, FIRST, change=named("of the first"), days_old=1)
    switch(tmp_path, FIRST)
    with running_app(tmp_path) as server:
        page = browser.new_page()
        page.goto(f"{server.address}/?lang=en")
        complete(page, OVERVIEW)
        assert page.get_by_text(f"Release {FIRST}, made 24 h ago").is_visible()
        add_release(source, tmp_path, SECOND, change=named("of the second"))
        switch(tmp_path, SECOND)
        menu(page).filter(has_text="Adoption").click()
        complete(page, "Adoption")
        assert page.get_by_text(f"Release {SECOND}, made less than a minute ago").is_visible()

        page.goto(f"{server.address}/sql?lang=en&release={FIRST}")
        complete(page, "SQL")
        assert page.get_by_text(f"The link shows an older release of the data: {FIRST}").is_visible()
        page.get_by_role("button", name="Show the newest release").click()
        page.get_by_text(f"Release {SECOND}, made").wait_for()
        assert "release=" not in page.url
        # The release that was left is gone: the reader is told, and led on.
        page.goto(f"{server.address}/sql?lang=en&release=20200101T000000Z")
        page.get_by_text("is not there or cannot be read").wait_for()
        page.get_by_role("button", name="Show the newest release").click()
        complete(page, "SQL")
