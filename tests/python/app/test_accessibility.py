"""axe-core in Chromium: no serious or critical violation on any page, in either theme, wide or on a telephone."""

from __future__ import annotations

from typing import Any

import pytest
from support.app_pages import FIRST, page_names
from support.app_server import complete

pytestmark = pytest.mark.browser
SEVERE = ("serious", "critical")
WIDE, TELEPHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 844}


def violations(page: Any) -> list[str]:
    """The severe findings of axe-core on what the page shows now: rule, impact, place and what is wrong."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:200]} {node.get('failureSummary', '')}"
        for rule in found
        if rule["impact"] in SEVERE
        for node in rule["nodes"]
    ]


# Colours do not depend on the width: the other two of the four take as long again and are for test-reliability.
@pytest.mark.parametrize(
    ("size", "theme"),
    [
        pytest.param(WIDE, "light", id="wide-light"),
        pytest.param(TELEPHONE, "dark", id="telephone-dark"),
        pytest.param(WIDE, "dark", id="wide-dark", marks=pytest.mark.long),
        pytest.param(TELEPHONE, "light", id="telephone-light", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("name", page_names())
def test_no_serious_violation(browser: Any, address: str, name: str, size: dict, theme: str) -> None:
    page = browser.new_page(viewport=size, color_scheme=theme)
    try:
        page.goto(f"{address}/{'' if name == FIRST else name}?lang=da")
        complete(page)
        assert violations(page) == []
    finally:
        page.close()


# What opens on a page: table, lists and boxes of its first figures, and what a link cannot show.
OPENED = {
    "adoption": ["Highlight and compare", "Save and share", "Method"],
    "barriers": ["Save and share"],
    "surveys": ["Save and share", "Method"],
}


@pytest.mark.parametrize(("size", "theme"), [(TELEPHONE, "dark"), (WIDE, "light")], ids=["dark", "light"])
@pytest.mark.parametrize("name", OPENED)
def test_no_serious_violation_in_what_opens(browser: Any, address: str, name: str, size: dict, theme: str) -> None:
    page = browser.new_page(viewport=size, color_scheme=theme)
    try:
        page.goto(f"{address}/{name}?lang=en&asked=gone")
        complete(page)
        page.get_by_role("tab", name="Table").first.click()
        complete(page)
        page.get_by_test_id("stDataFrame").first.wait_for()
        assert violations(page) == []
        for button in OPENED[name]:
            page.get_by_role("button", name=button).first.click()
            page.get_by_test_id("stPopoverBody").locator("button, input, p").first.wait_for()
            complete(page)
            assert violations(page) == [], button
            page.keyboard.press("Escape")
            page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    finally:
        page.close()


def test_axe_finds_what_is_wrong(browser: Any) -> None:
    """The measure itself: a page with a picture without text and a grey on grey must not pass."""
    page = browser.new_page()
    page.set_content("<html lang='en'><title>x</title><main><img src='x.png'><p style='color:#ccc'>grey</p></main>")
    assert {found.split()[0] for found in violations(page)} == {"image-alt", "color-contrast"}
    page.close()
