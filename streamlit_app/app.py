"""Entry of the app: language, release, navigation. Run with `make app`."""

from __future__ import annotations

import duckdb
import streamlit as st
from shared import data
from shared.navigation import enter, navigate
from shared.text import age, choose_language, t

from smv_ai.reader import NoReleaseError, Release


def header() -> None:
    """Name of the app and language switch."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        name = st.container()
        choose_language()
    name.caption(t("app"))


def footer(release: Release) -> None:
    """Which release the reader sees and how old it is."""
    st.divider()
    st.caption(f"{t('release', id=release.release_id, age=age(release.created_at))}. {t('footer')}")


def no_release(problem: str) -> None:
    """The page for a missing or damaged release, in both languages, with what to do."""
    st.title("Ingen data at vise / No data to show", anchor=False)
    st.error(
        "**Dansk.** Den aktuelle udgave af data mangler eller kan ikke læses. "
        "Kør `make warehouse` i projektets mappe, og genindlæs siden."
    )
    st.error(
        "**English.** The current release of the data is missing or cannot be read. "
        "Run `make warehouse` in the project folder and reload this page."
    )
    st.code(problem, language=None, wrap_lines=True)


def main() -> None:
    """Draw the chosen page, or say plainly why there is nothing to draw."""
    # No page_icon: Streamlit would fetch a named one from the network, and nothing here contacts it.
    st.set_page_config(page_title="AI i danske SMV'er", layout="centered")
    page = navigate()
    header()
    try:
        release = data.check()
        enter(page)
        footer(release)
    except (NoReleaseError, duckdb.Error) as problem:
        data.forget()
        no_release(str(problem))


main()
