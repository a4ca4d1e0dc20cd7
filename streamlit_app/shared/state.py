"""The state of a page in its address: a link gives back the page, its filters, the language and the release.

The address carries codes, never the words on the screen, so that a Danish link opens in English, too. It is kept short:
a filter at its default is left out. The link that a reader copies names everything, for a default may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from shared import data
from shared.text import language, plain

# What every link carries; the pages add their filters.
LANGUAGE, RELEASE, EVIDENCE = "lang", "release", "evidence"


class NothingToChooseError(Exception):
    """A filter without a single value: this kind of evidence has nothing for this part of a page."""


def begin(page: str) -> None:
    """Forget the filters of the page before, where this is another one."""
    if st.session_state.get("page_shown") != page:
        st.session_state.update(page_shown=page, filters={})


def settle(key: str, codes: list[str], default: str | None) -> str:
    """Decide the value of the widget `key` before it is drawn: the reader's choice, the address, or the default.

    A code that the page does not know (an old link, a choice that another filter has removed) becomes the default.
    Returns the default: the one wished for, or the first. Raises NothingToChooseError where there are no codes.
    """
    if not codes:
        raise NothingToChooseError(key)
    first = default if default in codes else codes[0]
    if st.session_state.get(key) not in codes:
        asked = st.query_params.get(key)
        st.session_state[key] = asked if asked in codes else first
    return first


def remember(key: str, value: str, default: str) -> None:
    """Write a choice to the address, or remove it from there where it is the default."""
    st.session_state["filters"][key] = value
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def choose(label: str, names: Mapping[str, str], key: str, default: str | None = None) -> str:
    """A select box over codes that shows their names and keeps the choice in the address; returns the code."""
    codes = list(names)
    first = settle(key, codes, default)
    value = st.selectbox(label, codes, format_func=lambda code: names.get(code, code), key=key)
    remember(key, value, first)
    return value


def switch(label: str, names: Mapping[str, str], key: str, default: str | None = None) -> str:
    """The same as buttons in a row, for a handful of codes."""
    codes = list(names)
    first = settle(key, codes, default)
    value = st.segmented_control(
        label, codes, format_func=lambda code: plain(names.get(code, code)), required=True, key=key, wrap=True
    )
    if value is None:  # the choice came from the buttons of another page, which has the same key
        value = first
    remember(key, value, first)
    return value


def carried() -> dict[str, str]:
    """What a link inside the app takes along: the language, and the kind of evidence and the release if chosen."""
    kept = {LANGUAGE: language()}
    return kept | {name: st.query_params[name] for name in (RELEASE, EVIDENCE) if name in st.query_params}


def link(anchor: str) -> str:
    """The address that gives back what is on the screen, with every filter and the release named."""
    page = (st.context.url or "").split("?")[0].split("#")[0]
    named = carried() | {RELEASE: data.release().release_id} | st.session_state["filters"]
    return f"{page}?{urlencode(named)}#{anchor}"
