"""The app as a server: Streamlit, with pages that say title and language at once, and with compressed files.

`smv-ai app` runs it; `streamlit run streamlit_app/server.py` does, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import streamlit as st
from shared.text import LANGUAGES, preferred
from shell import assets, downloads
from shell import page as shell
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

# A file's name has the digest of its content.
KEPT = "public, max-age=31536000, immutable"
# Paths that are Streamlit's own or files, never a page.
NO_PAGES = ("/static/", "/_stcore/", "/media/", "/component/", "/app/", "/oauth2callback", "/auth/")


class Shell:
    """Middleware: answers for pages and for files that can be compressed; all else is Streamlit's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        response = await self.answer(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        await (response or self.app)(scope, receive, send)

    async def answer(self, scope: Scope) -> Response | None:
        """The response to a request for a page or a file; None where it is neither."""
        path, headers = scope["path"], Headers(scope=scope)
        if path.startswith("/static/"):
            return await _file(path, headers.get("accept-encoding", ""))
        if (
            "/_stcore/" in path
            or path.startswith(NO_PAGES)
            or "." in path
            or (path != "/" and path.endswith("/"))
            or path.startswith("//")
        ):
            return None
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
        language = asked if asked in LANGUAGES else preferred(headers.get("accept-language", ""))
        content = shell.page(path.rsplit("/", 1)[-1], language)
        told = {"Cache-Control": "no-cache", "Content-Language": language, "Vary": "Accept-Language"}
        return Response(content, media_type="text/html", headers=told)


async def _file(path: str, accepted: str) -> Response | None:
    file, encoding = assets.find(path), assets.encoding(accepted)
    if file is None or encoding is None:
        return None
    content = await run_in_threadpool(assets.compressed, file, encoding)
    told = {"Content-Encoding": encoding, "Vary": "Accept-Encoding", "Cache-Control": KEPT}
    return Response(content, media_type=assets.kind(file), headers=told)


downloads.keep()
app = st.App(Path(__file__).with_name("app.py"), middleware=[Middleware(Shell)])
