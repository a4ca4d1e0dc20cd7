"""deploy/smv-ai.nginx on the loopback: compression, cache, readers that stay with their process, sockets passed on."""

from __future__ import annotations

import gzip
import http.server
import re
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support.app_proxy import NGINX, proxied
from support.app_reader import in_a_thread
from support.app_server import complete, running_app
from websockets.asyncio.client import connect

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed (apt-get install nginx-light)")
FILE = "/static/js/index.abc.js"


class Proxy(NamedTuple):
    """A running proxy, and the processes behind it by their names."""

    address: str
    asked: dict[str, list[str]]


def process_behind(name: str, asked: list[str]) -> http.server.ThreadingHTTPServer:
    """A stand-in for a process of the app: says its name, and answers for a file as the app does."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802 (http.server's name)
            asked.append(self.path)
            encoding = self.headers.get("Accept-Encoding", "")
            is_file = self.path.startswith("/static/")
            body = b"x" * 5000 if is_file else (f"<p>{name}</p>" + " " * 3000).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_file else "text/html")
            if is_file:
                self.send_header("Cache-Control", "public, max-age=31536000, immutable")
                self.send_header("Vary", "Accept-Encoding")
                if encoding == "gzip":
                    body = gzip.compress(body)
                    self.send_header("Content-Encoding", "gzip")
            else:
                self.send_header("Cache-Control", "no-cache")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy before two stand-ins."""
    asked: dict[str, list[str]] = {"one": [], "two": []}
    servers = [process_behind(name, requests) for name, requests in asked.items()]
    with proxied(tmp_path_factory.mktemp("proxy"), [server.server_address[1] for server in servers]) as address:
        yield Proxy(address, asked)
    for server in servers:
        server.shutdown()


def get(proxy: Proxy, path: str, **headers: str) -> Any:
    """The answer to a request, not unpacked."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib.request.urlopen(urllib.request.Request(proxy.address + path, headers=names), timeout=30)


def test_pages_are_compressed_and_never_kept(proxy: Proxy) -> None:
    answers = [get(proxy, "/barriers?lang=da", Accept_Encoding="gzip", User_Agent="one reader") for _ in range(2)]
    assert [answer.headers["Content-Encoding"] for answer in answers] == ["gzip", "gzip"]
    assert all(gzip.decompress(answer.read()).startswith(b"<p>") for answer in answers)
    assert sum(requests.count("/barriers?lang=da") for requests in proxy.asked.values()) == 2


def test_files_are_kept_and_each_encoding_is_its_own(proxy: Proxy) -> None:
    for encoding, sent in (("gzip, deflate", "gzip"), ("identity", None)):
        first, second = (get(proxy, FILE, Accept_Encoding=encoding) for _ in range(2))
        assert [first.headers["X-Cache"], second.headers["X-Cache"]] == ["MISS", "HIT"]
        for answer in (first, second):
            content = answer.read()
            assert answer.headers["Content-Encoding"] == sent
            assert (gzip.decompress(content) if sent else content) == b"x" * 5000
            assert "immutable" in answer.headers["Cache-Control"]
    assert sum(requests.count(FILE) for requests in proxy.asked.values()) == 2


def test_a_reader_stays_with_a_process_and_readers_are_spread(proxy: Proxy) -> None:
    met = set()
    for reader in range(12):
        first = get(proxy, "/", User_Agent=f"reader {reader}")
        cookie = first.headers["Set-Cookie"].split(";")[0]
        assert re.fullmatch(r"smv_ai_reader=[0-9a-f]{32}", cookie)
        answers = [get(proxy, f"/media/{place}", Cookie=cookie) for place in range(3)]
        assert not any(answer.headers["Set-Cookie"] for answer in answers), "the cookie is given once"
        [name] = {answer.read().strip() for answer in answers}
        met.add(name)
    assert met == {b"<p>one</p>", b"<p>two</p>"}


def test_without_a_cookie_a_reader_stays_too(proxy: Proxy) -> None:
    """In a frame of another site a browser keeps no cookie."""
    assert len({get(proxy, f"/{place}", User_Agent="a frame").read() for place in range(6)}) == 1


async def greeted(address: str) -> str | None:
    """What the app's socket agrees to speak, through the proxy."""
    url = address.replace("http", "ws") + "/_stcore/stream"
    async with connect(url, subprotocols=["streamlit"], max_size=None) as connection:
        return connection.subprotocol


@pytest.mark.browser
@pytest.mark.build
def test_the_app_itself_through_the_proxy(browser: Browser, release_dir: Path, tmp_path: Path) -> None:
    """Two processes of the app: pages, socket, a chart and a change of page, in Chromium and by the bare socket."""
    with running_app(release_dir) as one, running_app(release_dir) as two:
        ports = [int(server.address.rsplit(":", 1)[1]) for server in (one, two)]
        with proxied(tmp_path, ports) as address:
            assert in_a_thread(greeted(address)) == "streamlit"
            kept: list[str] = []
            for path, title in (("barriers?lang=en", "Barriers"), ("?lang=da", "")):
                page = browser.new_page()
                page.on("response", lambda answer: kept.append(answer.headers.get("x-cache", "")))
                page.goto(f"{address}/{path}")
                complete(page, title)
            assert "HIT" in kept, "the second reader gets the files of the first"
