"""One figure alone, for a frame in another page: no menu, no filters, no margins; title, base and source stay."""

from __future__ import annotations

import html

import streamlit as st

from shared import state
from shared.text import plain, t

# All but the figure, what holds it and what is in it. The key of a figure becomes a class of its container.
_ALONE = """<style>
[data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stDecoration"] { display: none; }
[data-testid="stMainBlockContainer"] { padding: 0.5rem 0.75rem; max-width: none; }
[data-testid="stVerticalBlock"] > *:not(:has(.st-key-figure_NAME)):not(.st-key-figure_NAME):not(.st-key-figure_NAME *)
  :not(:has(.st-key-embed_gone)):not(.st-key-embed_gone):not(.st-key-embed_gone *) { display: none; }
</style>"""


def wanted() -> str:
    """The key of the figure that the address asks for alone; empty where the whole page is shown."""
    asked = st.query_params.get(state.FIGURE, "")
    return asked if asked.isascii() and asked.replace("_", "").isalnum() else ""


def dress() -> None:
    """Hide all but the wanted figure."""
    st.session_state["embedded"] = False
    st.html(_ALONE.replace("\n  :not", ":not").replace("NAME", wanted()))


def found(key: str) -> None:
    """Note that the figure `key` was drawn."""
    if key == wanted():
        st.session_state["embedded"] = True


def close() -> None:
    """Where no figure of that name was drawn, say so, and lead to the page."""
    if wanted() and not st.session_state.pop("embedded", False):
        with st.container(key="embed_gone"):
            st.warning(t("embed_gone", what=plain(wanted())))
            st.link_button(t("embed_page"), state.page_address())


def frame(key: str, title: str, height: int) -> str:
    """The HTML that shows the figure in another page."""
    address = html.escape(state.link("", figure=key).rstrip("#"))
    return (
        f'<iframe src="{address}" title="{html.escape(title)}" width="100%" height="{height}" '
        'style="border:0" loading="lazy"></iframe>'
    )
