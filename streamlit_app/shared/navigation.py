"""The pages of the app, and the way from the entry to a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from shared import embedding, evidence, state
from shared.text import settle_language, t
from smv_ai.environment import Kind, app_kind, has_sql_page

STYLE = Path(__file__).with_name("files.css")
PAGES = (
    "overview",
    "adoption",
    "barriers",
    "productivity",
    "official",
    "explore",
    "surveys",
    "sources",
    "files",
    "sql",
)


def pages() -> list[str]:
    """The pages that this app has: all, or all but SQL."""
    return [name for name in PAGES if name != "sql" or has_sql_page()]


def navigate() -> st.Page:
    """Make the pages known in the reader's language; returns the one that the URL asks for."""
    settle_language()
    known = [
        st.Page(f"pages/{name}.py", title=t(f"nav_{name}"), url_path=name, default=name == PAGES[0]) for name in pages()
    ]
    return st.navigation(known, position="hidden")


def menu() -> None:
    """The pages by name, on every screen: each link takes language, evidence and release along."""
    with st.container(horizontal=True, gap="small", key="menu"):
        for name in pages():
            st.page_link(f"pages/{name}.py", label=t(f"nav_{name}"), query_params=state.carried())


def demonstration_banner() -> None:
    """On every page of the demonstration app, also where there is nothing else to show: what the reader looks at."""
    if app_kind() is Kind.DEMONSTRATION:
        st.error(f"**{t('demonstration_title')}.** {t('demonstration_notice')}", icon=":material/science:")


def enter(page: st.Page) -> None:
    """Run a page from the entry."""
    state.begin(page.url_path)
    st.html(STYLE)
    if embedding.wanted():
        embedding.dress()
    st.session_state["is_entered"] = True
    page.run()
    state.tidy()
    embedding.close()


def show(draw: Callable[[], None]) -> None:
    """Draw a page that the entry runs; a page that runs by itself goes through the entry first.

    Until `st.navigation` has been called once, a server runs a file of the folder `pages` without app.py: the first
    visitor after a start, with a link to a page, would see it without menu, language and help on a missing release.
    """
    if not st.session_state.pop("is_entered", False):
        navigate()
        st.rerun()
    evidence.choose()
    draw()


def heading(name: str, *, follows_evidence: bool = True) -> None:
    """The title of a page, what it is about, and, where its figures follow the choice of evidence, of which kind."""
    st.title(t(f"nav_{name}"), anchor=False)
    st.markdown(t(f"{name}_lead"))
    if follows_evidence:
        evidence.banner()
