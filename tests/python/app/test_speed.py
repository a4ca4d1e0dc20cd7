"""How fast the app is: queries, first visit, pages, filters, and twenty readers at once. Run with `make test-load`.

Measured in one run on a machine that does nothing else: with other work on its cores the figures mean nothing, so these
tests are no part of `make test`.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from support.app_pages import open_page, page_names
from support.app_reader import Click, read_together
from support.app_server import IS_COMPLETE, OVERVIEW, Server, chromium, complete, menu, running_app

from smv_ai.releases.folder import current_release

pytestmark = pytest.mark.load
QUERIES, FIRST_VISIT, NEXT_PAGE, FILTER, SLOWEST_OF_MANY, SLOW_LINE = 0.05, 2.5, 1.0, 0.4, 1.5, 8.0
READERS, SECONDS = 20, 120
# A reader looks at a page for some seconds before the next click.
PAUSE = (1.5, 4.5)
MOST_GROWTH = 1.05
# From here on `hasRun()` tells whether the script of the page has run: its state has changed or, where a browser draws
# start and end of a short run as one, what the page says or its address, to which a run writes the choice.
NOTE_A_RUN = """() => {
    const words = '[data-testid="stMain"] :is(textarea, [data-testid="stMarkdownContainer"])';
    const parts = () => [...document.querySelectorAll(words)].map(part => part.value ?? part.textContent);
    const said = () => [location.search, ...parts()].join();
    const before = said();
    let hasStarted = false;
    new MutationObserver(() => { hasStarted = true; }).observe(
        document.querySelector('[data-testid="stApp"]'), {attributeFilter: ['data-test-script-state']});
    window.hasRun = () => hasStarted || said() !== before;
}"""


@pytest.fixture(scope="module")
def measured(project: Path):
    """Collects what was measured; printed, and kept beside the screenshots."""
    found: dict[str, Any] = {"load_before": os.getloadavg()[0], "cores": os.cpu_count()}
    yield found
    folder = Path(os.environ.get("SMV_AI_ARTIFACTS", project / "artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(json.dumps(found, indent=1))


def test_the_queries_of_a_page(release_dir: Path, monkeypatch: pytest.MonkeyPatch, measured: dict) -> None:
    """All queries of a page, asked anew without the app's cache of rows, on its connection, which is warm."""
    open_page(release_dir, monkeypatch, "overview")
    from shared import data

    release = current_release(release_dir)

    ask, asked = data.query, []

    def noting(sql: str, **parameters: Any) -> Any:
        asked.append((sql.replace("{lang}", "da"), parameters))
        return ask(sql, **parameters)

    monkeypatch.setattr(data, "query", noting)
    seconds = {}
    for page in page_names():
        app = open_page(release_dir, monkeypatch, "overview")
        asked.clear()
        (app if page == "overview" else app.switch_page(f"pages/{page}.py")).run()
        distinct = [query for position, query in enumerate(asked) if query not in asked[:position]]
        assert distinct, page
        rounds = []
        for _ in range(7):
            started = time.perf_counter()
            for sql, parameters in distinct:
                data.read(release, sql, parameters)
            rounds.append(time.perf_counter() - started)
        seconds[page] = statistics.median(rounds[2:])
    measured["queries_of_a_page"] = seconds
    assert max(seconds.values()) <= QUERIES, seconds


def turn_filter(page: Any, position: int) -> float | None:
    """Choose another entry of a select box; seconds until the page stands complete with it, None where it has none."""
    box = page.get_by_test_id("stSelectbox").nth(position).locator("input")
    # A box below the fold is scrolled to first, to the middle: its list closes again when the page scrolls under it.
    box.evaluate("box => box.scrollIntoView({block: 'center', behavior: 'instant'})")
    box.click()
    options = page.get_by_role("option")
    options.first.wait_for()
    unchosen = [option for option in options.all() if option.get_attribute("aria-selected") != "true"]
    if not unchosen:
        page.keyboard.press("Escape")
        return None
    page.evaluate(NOTE_A_RUN)
    started = time.monotonic()
    unchosen[-1].click()  # the first may stand for no choice, with which a page says nothing else than before
    page.wait_for_function(f"() => window.hasRun() && ({IS_COMPLETE})('')")
    return time.monotonic() - started


def test_in_the_browser(release_dir: Path, measured: dict) -> None:
    """From the click to the page that stands complete: nothing runs, nothing is stale, every chart is drawn."""
    pages, filters = {}, {}
    with chromium() as browser, running_app(release_dir) as server:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        started = time.monotonic()
        page.goto(server.address)
        complete(page)
        measured["first_visit"] = first = time.monotonic() - started
        links = menu(page)
        titles = links.all_text_contents()
        for title in [*titles[1:], titles[0]]:
            started = time.monotonic()
            links.get_by_text(title, exact=True).click()
            complete(page, OVERVIEW if title == titles[0] else title)
            pages[title] = time.monotonic() - started
            if page.get_by_test_id("stSelectbox").count():
                turns = [found for _ in range(3) if (found := turn_filter(page, 0)) is not None]
                if turns:
                    filters[title] = statistics.median(turns)
    measured |= {"next_page": pages, "filter": filters}
    assert len(pages) == len(page_names())
    assert len(filters) >= 3
    assert first <= FIRST_VISIT, first
    assert max(pages.values()) <= NEXT_PAGE, pages
    assert max(filters.values()) <= FILTER, filters


def test_a_first_visit_on_a_slow_line(release_dir: Path, measured: dict) -> None:
    """The first page complete over 1.6 Mbit/s with 150 ms to and fro, in a browser that has nothing of the app yet."""
    with chromium() as browser, running_app(release_dir) as server:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        line = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
        session.send("Network.emulateNetworkConditions", {"offline": False, **line})
        started = time.monotonic()
        page.goto(server.address, wait_until="commit")
        complete(page)
        measured["slow_line"] = seconds = time.monotonic() - started
    assert seconds <= SLOW_LINE, seconds


def resident_megabytes(process: int) -> float:
    """The memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def watched(server: Server, seconds: float) -> tuple[list[Click], list[float]]:
    """The clicks of all readers, and the memory of the server every two seconds meanwhile."""
    memory: list[float] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(2):
            memory.append(resident_megabytes(server.process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        clicks = asyncio.run(read_together(server.address, READERS, seconds, PAUSE))
    finally:
        is_over.set()
        watcher.join()
    return clicks, memory


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_twenty_readers_for_two_minutes(release_dir: Path, measured: dict) -> None:
    """Sessions over Streamlit's own websocket: the server's work from the click to the last element of the page.

    Drawing in twenty browsers is left out: they would take the cores that in earnest belong to twenty other machines.
    """
    with running_app(release_dir) as server:
        asyncio.run(read_together(server.address, 2, 20, (0, 0.2)))  # what is cached once for all is cached
        clicks, memory = watched(server, SECONDS)
        assert server.process.poll() is None
    seconds = sorted(click.seconds for click in clicks)
    slowest = seconds[int(0.95 * len(seconds))]
    quarter = len(memory) // 4
    early, late = statistics.median(memory[quarter : 2 * quarter]), statistics.median(memory[-quarter:])
    measured["twenty_readers"] = {
        "clicks": len(clicks), "median": statistics.median(seconds), "p95": slowest, "max": seconds[-1],
        "memory_mb_second_quarter": early, "memory_mb_last_quarter": late,
    }  # fmt: skip
    assert len(clicks) > READERS * SECONDS / (2 * max(PAUSE)), "they did click"
    assert [(click.what, click.errors) for click in clicks if click.errors] == []
    assert slowest <= SLOWEST_OF_MANY, measured["twenty_readers"]
    assert late <= early * MOST_GROWTH, measured["twenty_readers"]
