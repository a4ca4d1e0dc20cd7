"""The keyboard alone: Tab reaches all that can be used, one sees where one is, nothing holds it; charts tell marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from support.app_pages import FIRST, page_names
from support.app_server import complete
from support.commands import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser
MOST_STEPS = 250
# How an element and what it stands in look with the keyboard on it and, once it has left, without.
LOOKS = """async element => {
    const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const look = () => {
        const told = [];
        for (let at = element, up = 0; at && up < 5; up++, at = at.parentElement) {
            const style = getComputedStyle(at);
            told.push(style.outline, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecoration);
        }
        return told.join();
    };
    await drawn();
    const on = look();
    element.blur();
    await drawn();
    const off = look();
    element.focus({preventScroll: true});
    return [on, off];
}"""
# What the keyboard is on: a number of its own, a name, and whether a reader can see it; null outside the page.
HERE = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    at.place ??= window.places = (window.places ?? 0) + 1;
    const box = at.getBoundingClientRect(), within = at.closest('[data-testid]')?.dataset.testid;
    // A line has no height for the browser.
    const isSeen = box.width + box.height > 1 && box.bottom >= 0 && box.top < innerHeight
        && box.right >= 0 && box.left < innerWidth;
    const name = (at.ariaLabel || at.textContent || at.value || '').slice(0, 60);
    return {place: at.place, isSeen, name: `${within}: ${name}`};
}"""
# What Tab passed by, though it can be used; of a group of choices, one is reached by Tab and the others by arrows.
MISSED = """() => {
    const used = 'a[href], button:enabled, input:enabled, textarea, summary, [tabindex="0"]';
    const isReached = one => one.place
        || [...one.closest('[role=radiogroup]')?.querySelectorAll('*') ?? []].some(other => other.place);
    return [...document.querySelectorAll(used)]
        .filter(one => one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}) && !isReached(one))
        .map(one => one.outerHTML.slice(0, 200));
}"""


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """An empty page."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=address)
    page.set_default_timeout(PATIENCE * 1000)
    yield page
    page.close()


def reachable(page: Page) -> None:
    """Wait until the marks of the charts, which the browser draws after the page is complete, can be reached."""
    page.wait_for_function(f"[...document.querySelectorAll('{MARKS}')].every(mark => mark.hasAttribute('tabindex'))")


@pytest.mark.parametrize("name", page_names())
def test_tab_reaches_everything_and_shows_where_it_is(page: Page, name: str) -> None:
    page.goto(f"/{'' if name == FIRST else name}?lang=da")
    complete(page)
    reachable(page)
    page.add_style_tag(content="* { transition: none !important; }")
    unseen, passed = [], set()
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None or (here["place"] in passed and here["place"] != max(passed)):
            break
        passed.add(here["place"])
        on, off = page.evaluate_handle("document.activeElement").evaluate(LOOKS)
        if on == off or not here["isSeen"]:
            unseen.append(here["name"])
    else:
        pytest.fail("the keyboard is held")
    assert unseen == []
    assert page.evaluate(MISSED) == []


MARKS = "[data-testid=stVegaLiteChart] .role-mark > [role=graphics-symbol][aria-label]"
TIP = "#vg-tooltip-element.visible"


@pytest.mark.parametrize("name", ["productivity", "official", "adoption"])
def test_arrows_show_every_tooltip_of_every_chart(page: Page, name: str) -> None:
    page.goto(f"/{name}?lang=da")
    complete(page)
    reachable(page)
    charts = page.get_by_test_id("stVegaLiteChart").all()
    assert len(charts) > 2
    for chart in charts:
        with_tooltip = chart.evaluate("""chart => new Set([...chart.querySelectorAll("svg *")]
            .filter(one => one.__data__?.tooltip).map(one => JSON.stringify(one.__data__.tooltip))).size""")
        assert told(page, chart) == with_tooltip > 0


def told(page: Page, chart: Locator) -> int:
    """Walk the marks of a chart by arrows alone; how many different tooltips were shown, each as its mark is named."""
    stop = chart.locator("[tabindex='0']")
    assert stop.count() == 1, "one step of Tab for a whole chart"
    stop.focus()
    page.keyboard.press("Home")
    shown: list[str] = []
    while True:
        page.locator(TIP).wait_for()
        name = page.evaluate("document.activeElement.ariaLabel")
        page.wait_for_function(
            """([tip, name]) => document.querySelector(tip)?.innerText.split(/\\s+/)
                .every(word => name.replace(/[:.]/g, ' ').includes(word.replace(/[:.]/g, ' ').trim()))""",
            arg=[TIP, name],
        )
        shown.append(name)
        page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.ariaLabel") == name:
            break
    page.keyboard.press("Escape")
    page.locator(TIP).wait_for(state="detached")
    return len(set(shown))
