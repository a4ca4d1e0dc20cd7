"""One run of the app in a real headless Chromium: drawn, switched, downloadable, and photographed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTUP_SECONDS = 40


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(address: str, server: subprocess.Popen) -> None:
    """Wait for the health page of the server."""
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the app's server ended"
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"the app did not answer within {STARTUP_SECONDS} s")


@pytest.fixture
def address(project: Path, release_dir: Path) -> Iterator[str]:
    """The address of a running app on the release under test."""
    port = free_port()
    environment = os.environ | {"SMV_AI_RELEASE_DIR": str(release_dir), "PYTHONPATH": str(project)}
    options = {"server.headless": "true", "server.port": str(port), "server.address": "127.0.0.1"}
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app/app.py"]
    command += [word for name, value in options.items() for word in (f"--{name}", value)]
    server = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_up(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def artifacts(project: Path) -> Path:
    """Where screenshots are kept."""
    folder = Path(os.environ.get("SMV_AI_ARTIFACTS", project / "artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_app_in_chromium(address: str, artifacts: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 1600}, accept_downloads=True)
            foreign: list[str] = []
            page.on("request", lambda request: None if address in request.url else foreign.append(request.url))
            heading = page.get_by_role("heading", level=1)
            # The first visit to a fresh server is a link to a page: menu and language must be there all the same.
            page.goto(f"{address}/barriers?lang=en")
            playwright.expect(heading).to_have_text("Barriers", timeout=30_000)
            playwright.expect(page.get_by_test_id("stTopNavLink")).to_have_count(6)

            page.goto(address)
            playwright.expect(heading).to_have_text("Overblik")
            chart = page.get_by_test_id("stVegaLiteChart").first.locator("svg, canvas").first
            playwright.expect(chart).to_be_visible(timeout=20_000)
            assert "8,3 %" in chart.text_content(), "the chart writes its values in Danish"
            page.screenshot(path=str(artifacts / "overview_da.png"), full_page=True)

            page.get_by_role("radio", name="English").click()
            playwright.expect(heading).to_have_text("Overview")
            playwright.expect(page).to_have_url(f"{address}/?lang=en")
            playwright.expect(chart).to_contain_text("8.3%")

            page.get_by_test_id("stTopNavLink").filter(has_text="Productivity").click()
            playwright.expect(heading).to_have_text("Productivity")
            playwright.expect(page).to_have_url(f"{address}/productivity?lang=en")
            # The change is written by Vega itself: its number format follows the language too.
            playwright.expect(chart).to_contain_text(re.compile(r"[+−]\d\.\d"))
            page.get_by_role("radio", name="Dansk").click()
            playwright.expect(heading).to_have_text("Produktivitet")
            playwright.expect(chart).to_contain_text(re.compile(r"[+−]\d,\d"))
            button = page.get_by_test_id("stDownloadButton").first.get_by_role("button")
            with page.expect_download() as download:
                button.click()
            text = Path(download.value.path()).read_text(encoding="utf-8-sig")
            assert "release_id" in text.splitlines()[0]

            page.set_viewport_size({"width": 390, "height": 3000})
            page.goto(f"{address}/adoption?lang=da")
            playwright.expect(heading).to_have_text("Anvendelse")
            playwright.expect(chart).to_be_visible()
            page.screenshot(path=str(artifacts / "adoption_da_390.png"), full_page=True)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390, "nothing is wider than a telephone"
            # Chromium itself is told to be quiet; whatever the page asks for must come from the app.
            assert [url for url in foreign if not url.startswith(("data:", "blob:", "ws://127.0.0.1"))] == []
        finally:
            browser.close()
