"""The state of a page in its address: a link gives back the page, its filters, the language and the release.

The address carries codes, never the words on the screen, so that a Danish link opens in English, too. It is kept short:
a filter at its default is left out. The link that a reader copies names everything, for a default may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from shared import data
from shared.text import language, plain, t

# What every link carries; the pages add their filters.
LANGUAGE, RELEASE, EVIDENCE = "lang", "release", "evidence"
# What the frame of the app reads besides: the figure that is shown alone, and the words searched for.
FIGURE, SEARCH = "figure", "search"
CARRIED = (FIGURE, SEARCH)


class NothingToChooseError(Exception):
    """A filter without a single value: this kind of evidence has nothing for this part of a page."""


def begin(page: str) -> None:
    """Start a run of a page; where it is another one than before, with the filters that it was left with."""
    if st.session_state.get("page_shown") != page:
        left = st.session_state.setdefault("left", {})
        if "page_shown" in st.session_state:
            left[st.session_state["page_shown"]] = st.session_state["filters"]
        st.session_state.update(page_shown=page, filters={}, written={}, restored=left.get(page, {}))


def tidy() -> None:
    """Take out of the address what this page does not know: nothing of another page stays behind."""
    known = {LANGUAGE, RELEASE, EVIDENCE, *CARRIED, *st.session_state["filters"]}
    for key in [key for key in st.query_params if key not in known]:
        st.query_params.pop(key)


def settle(key: str, codes: list[str], default: str | None) -> str:
    """Decide the value of the widget `key` before it is drawn.

    The address has the word where it is not what this page wrote last (a link, Back, Forward); otherwise the reader's
    choice, then what this page was left with, then the default. A code that the page does not know becomes the
    default, and where a link names it the reader is told.
    Returns the default: the one wished for, or the first. Raises NothingToChooseError where there are no codes.
    """
    if not codes:
        raise NothingToChooseError(key)
    first = default if default in codes else codes[0]
    asked, written = st.query_params.get(key), st.session_state["written"]
    if key not in written:
        if asked is not None and asked not in codes:
            st.warning(t("link_gone", what=plain(asked[:80])), icon=":material/link_off:")
        wished = asked or st.session_state["restored"].get(key)
        st.session_state[key] = wished if wished in codes else first
    elif asked != written[key]:
        st.session_state[key] = asked if asked in codes else first
    elif st.session_state.get(key) not in codes:
        st.session_state[key] = first
    return first


def remember(key: str, value: str, default: str) -> None:
    """Write a choice to the address, or remove it from there where the reader went back to the default."""
    st.session_state["filters"][key] = value
    is_new = key not in st.session_state["written"]
    if st.query_params.get(key) != value:
        if value != default:
            st.query_params[key] = value
        elif not is_new or key in st.query_params:
            st.query_params.pop(key, None)
    elif value == default and not is_new and st.session_state["written"][key] != value:
        st.query_params.pop(key, None)
    st.session_state["written"][key] = st.query_params.get(key)


def several(
    label: str, names: Mapping[str, str], key: str, default: list[str], *, most: int | None = None
) -> list[str]:
    """A box for any number of codes, or for as many as `most`, kept in the address with commas between.

    Where none of the codes that were chosen is among the names any more, the default takes their place; a reader who
    chose none has none. Returns the codes in the order of `names`.
    """
    if not names:
        raise NothingToChooseError(key)
    asked, written = st.query_params.get(key), st.session_state["written"]
    wished = asked if asked is not None else st.session_state["restored"].get(key)
    if key not in written or asked != written[key]:
        codes = default if wished is None else wished.split(",") if wished else []
        gone = [code for code in codes if code not in names]
        if gone and key not in written:
            st.warning(t("link_gone", what=plain(", ".join(gone)[:80])), icon=":material/link_off:")
    else:
        codes = st.session_state.get(key, default)
    known = [code for code in codes if code in names]
    st.session_state[key] = (known if known or not codes else [code for code in default if code in names])[:most]
    chosen = st.multiselect(
        label,
        list(names),
        format_func=lambda code: names.get(code, code),
        key=key,
        max_selections=most,
        placeholder=t("choose_several"),
    )
    value = [code for code in names if code in chosen]
    remember(key, ",".join(value), ",".join(code for code in names if code in default))
    return value


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


def page_address() -> str:
    """The address of the page that is shown, without what stands after it."""
    return (st.context.url or "").split("?")[0].split("#")[0]


def link(anchor: str, **more: str) -> str:
    """The address that gives back what is on the screen, with every filter and the release named."""
    named = carried() | {RELEASE: data.release().release_id} | st.session_state["filters"] | more
    return f"{page_address()}?{urlencode(named)}#{anchor}"


def short_link(anchor: str) -> str:
    """The same on whatever release is current, with the filters alone that are not at their defaults."""
    chosen = {key: value for key, value in st.session_state["written"].items() if value is not None}
    return f"{page_address()}?{urlencode(carried() | chosen)}#{anchor}"
