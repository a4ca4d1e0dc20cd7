"""Entry of the app: language, release, navigation. Run with `make app`."""

from __future__ import annotations

import duckdb
import streamlit as st
from shared import data
from shared.text import age, choose_language, settle_language, t

from smv_ai.reader import NoReleaseError, Release

PAGES = ("overview", "adoption", "barriers", "productivity", "sources")


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
    st.set_page_config(page_title="AI i danske SMV'er", layout="wide", page_icon=":material/bar_chart:")
    settle_language()
    pages = [
        st.Page(f"pages/{name}.py", title=t(f"nav_{name}"), url_path=name, default=name == PAGES[0]) for name in PAGES
    ]
    page = st.navigation(pages, position="top")
    header()
    try:
        release = data.check()
        page.run()
        footer(release)
    except (NoReleaseError, duckdb.Error) as problem:
        data.forget()
        no_release(str(problem))


main()
