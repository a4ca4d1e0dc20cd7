"""The app as a server, and Debian's chromium to look at it with; shared by the tests in the browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.commands import PATIENCE

PROJECT = Path(__file__).resolve().parents[3]
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
# How the title of the first page begins: it ends in figures of the release.
OVERVIEW = "How many Danish SMEs use AI"
# True once the page whose title begins like this stands complete: nothing runs, nothing is stale, every chart is drawn.
IS_COMPLETE = """title => {
    const app = document.querySelector('[data-testid="stApp"]'), heading = document.querySelector('h1');
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')];
    return app?.dataset.testScriptState === 'notRunning' && heading?.textContent.startsWith(title)
        && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]')
        && charts.filter(chart => chart.checkVisibility()).every(chart => chart.querySelector('svg, canvas'));
}"""


class Server(NamedTuple):
    """A running app: where it answers, and its process."""

    address: str
    process: subprocess.Popen


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(address: str, server: subprocess.Popen) -> None:
    """Wait for the health page of the server."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, "the app's server ended"
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"the app did not answer within {PATIENCE} s")


@contextmanager
def running_app(releases: Path, port: int | None = None, *, demo: bool = False, **settings: str) -> Iterator[Server]:
    """The app on a folder of releases, or demonstrations, with settings of the environment, until the block ends."""
    port = port or free_port()
    options = {
        "SMV_AI_DEMO_RELEASE_DIR" if demo else "SMV_AI_RELEASE_DIR": str(releases),
        "PYTHONPATH": str(PROJECT),
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "smv_ai.cli", "app", *(["--demo"] if demo else [])]
    environment = os.environ | options | settings
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_up(f"http://127.0.0.1:{port}", process)
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser until the block ends; the test is skipped, and says so, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def menu(page: Any) -> Any:
    """The links of the menu, in its order."""
    return page.locator(".st-key-menu").get_by_role("link")


def complete(page: Any, title: str = "") -> None:
    """Wait until the page whose title begins like this stands complete."""
    page.wait_for_function(IS_COMPLETE, arg=title, timeout=PATIENCE * 1000)
