"""Journeys of readers through the app in a real headless Chromium, and pictures of every page."""

from __future__ import annotations

import html
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest
from support.app_pages import FIRST, page_names
from support.app_server import OVERVIEW, complete, menu
from support.commands import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """An empty page; whatever it asks for must come from the app."""
    page = browser.new_page(viewport={"width": 1280, "height": 1600}, base_url=address, accept_downloads=True)
    page.set_default_timeout(PATIENCE * 1000)
    foreign: list[str] = []
    page.on("request", lambda request: None if address in request.url else foreign.append(request.url))
    yield page
    page.close()
    assert [url for url in foreign if not url.startswith(("data:", "blob:", "ws://127.0.0.1"))] == []


@pytest.fixture(scope="module")
def artifacts(project: Path) -> Path:
    """Where screenshots are kept."""
    folder = Path(os.environ.get("SMV_AI_ARTIFACTS", project / "artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def charts(page: Page) -> Locator:
    """The charts of a page."""
    return page.get_by_test_id("stVegaLiteChart")


def test_first_visit_by_a_link_has_menu_and_language(page: Page) -> None:
    page.goto("/barriers?lang=en")
    complete(page, "Barriers")
    assert menu(page).count() == len(page_names())


def test_each_question_is_answered_and_its_figure_is_one_click_away(page: Page, artifacts: Path) -> None:
    """The path in the README: the answer stands on the first page; one click leads to the figure behind it."""
    page.set_viewport_size({"width": 1080, "height": 1180})
    for question, answer, link, title, evidence in (
        ("How many small firms in construction use AI?", "3%", "See all industries", "Adoption", "Construction: 3%."),
        ("What holds them back?", "36%", "See the barriers", "Barriers", "Lack of knowledge or skills is highest"),
        ("Does it pay?", "?", "See growth and productivity", "Productivity", "not that AI is the cause"),
    ):
        page.goto("/?lang=en")
        complete(page, OVERVIEW)
        page.get_by_role("heading", name=question).wait_for()
        assert page.get_by_test_id("stMetricValue").get_by_text(answer, exact=True).count() == 1
        if answer == "3%":
            page.screenshot(path=str(artifacts / "readme.png"))
        page.get_by_role("link", name=link).click()
        complete(page, title)
        page.get_by_text(evidence).first.wait_for()
        assert "lang=en" in page.url


def test_a_running_query_is_cancelled_and_names_are_completed(page: Page) -> None:
    page.goto("/sql?lang=en")
    complete(page, "SQL")
    box = page.get_by_label("Query")
    box.fill("select levenshtein(repeat('a', 1000000), repeat('b', 1000000))")
    box.press("Control+Enter")
    page.get_by_text("Running …").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The query was cancelled.").wait_for()

    box.fill("select count(*) from ")
    box.press_sequentially("mart_ado")
    page.get_by_role("option", name="mart_adoption").wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    assert box.input_value() == "select count(*) from mart_adoption"
    box.press("Control+Enter")
    page.get_by_text("1 row in").wait_for()


# Bytes that a first visit may move, by a browser that has nothing of the app yet.
FIRST_VISIT_BYTES = 1_500_000


def test_a_first_visit_moves_little(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page, moved = context.new_page(), []
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: moved.append(event["encodedDataLength"]))
    session.on("Network.webSocketFrameReceived", lambda event: moved.append(len(event["response"]["payloadData"])))
    page.goto(f"{address}/official?lang=da")
    complete(page, "Over tid")
    # The icons, whose font waits for the page, come after it.
    page.wait_for_function("document.fonts.check('16px \"Material Symbols Rounded\"', 'tune')")
    assert page.evaluate("document.documentElement.classList.contains('drawn')")
    icon = page.get_by_test_id("stIconMaterial").first
    assert "Material Symbols" in icon.evaluate("icon => getComputedStyle(icon).fontFamily")
    context.close()
    assert len(moved) > 20 and sum(moved) <= FIRST_VISIT_BYTES, sum(moved)


# A change that Vega writes with a point.
WRITTEN_IN_ENGLISH = r"""() => [...document.querySelectorAll("[data-testid=stVegaLiteChart]")]
    .some(chart => /[+\u2212]\d\.\d/.test(chart.textContent))"""


def test_language_changes_words_numbers_and_address(page: Page) -> None:
    page.goto("/productivity?lang=da")
    complete(page, "Produktivitet")
    drawn = [chart.text_content() or "" for chart in charts(page).all()]
    assert any(re.search(r"[+−]\d,\d", text) for text in drawn), "Vega writes its own numbers in Danish"
    page.get_by_role("radio", name="English").click()
    complete(page, "Productivity")
    page.wait_for_url("**/productivity?lang=en")
    page.wait_for_function(WRITTEN_IN_ENGLISH)
    menu(page).filter(has_text="Explore").click()
    complete(page, "Explore")
    assert page.url.endswith("/explore?lang=en")


def test_shared_link_filter_files_and_a_new_link(page: Page, release_dir: Path) -> None:
    page.goto("/adoption?lang=en&asked=caisa_2024.caisa_smes.percent&by=industry&focus=construction")
    complete(page, "Adoption")
    page.get_by_text("Construction: just under 50%.").wait_for()

    page.get_by_role("combobox", name="Survey and base population").first.click()
    page.get_by_role("option", name=re.compile("Activities of micro enterprises")).click()
    page.get_by_text("Construction: 3%.").wait_for()
    assert "asked=" not in page.url, "the default is left out of the address"
    complete(page)

    charts(page).first.hover()
    assert not page.get_by_role("button", name=re.compile("^Download")).first.is_visible(), "no file without its n"
    page.get_by_role("button", name="Save and share").first.click()
    release = (release_dir / "current").resolve().name
    rows = pd.read_csv(io.BytesIO(saved(page, "Save CSV")))
    assert set(zip(rows["label"], rows["value_text"], strict=True)) >= {
        ("Construction", "3%"),
        ("All industries", "13%"),
    }
    assert set(rows["release_id"]) == {release} and not rows["is_synthetic"].any()
    assert {"sample_size", "base_population", "interval_method", "citation"} <= set(rows)
    picture = html.unescape(saved(page, "Save SVG").decode())
    for words in (
        "Share that uses AI, by industry",
        "n\u00a0=\u00a01,521",
        "Wilson",
        "Danmarks Statistik (2023)",
        release,
    ):
        assert words in picture, words

    link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").first.text_content()
    assert dict(parse_qsl(urlsplit(link).query))["release"] == release
    page.goto(link)
    complete(page, "Adoption")
    page.get_by_text("Construction: 3%.").wait_for()


def saved(page: Page, button: str) -> bytes:
    """The file that a button gives."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_two_figures_are_explained_by_keyboard(page: Page) -> None:
    page.goto("/?lang=en&compare=dst_micro_2023,ti_2025")
    complete(page, OVERVIEW)
    page.get_by_text("The two figures cannot be compared.").wait_for()
    page.get_by_role("combobox", name="Choose two or more figures").focus()
    page.keyboard.type("CAISA): 66%")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("compare=[^&]*caisa_2024"))
    page.get_by_text("None of the 3 pairs can be compared.").wait_for()


VIEWS = {"light": (1280, "light"), "dark": (1280, "dark"), "390": (390, "light")}


@pytest.mark.parametrize("view", VIEWS)
def test_pictures_of_every_page(browser: Browser, address: str, artifacts: Path, view: str) -> None:
    width, scheme = VIEWS[view]
    size = {"width": width, "height": 3600}
    page = browser.new_page(viewport=size, color_scheme=scheme, base_url=address)
    try:
        for name in page_names():
            page.goto(f"/{'' if name == FIRST else name}?lang=da")
            complete(page)
            page.screenshot(path=str(artifacts / f"{name}_{view}.png"))
            assert page.get_by_test_id("stException").count() == 0, name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"
            paper = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
            assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 23, 28)"}[scheme], name
    finally:
        page.close()
