"""Entry of the app: language, sign-in, release, navigation. Run with `smv-ai app`."""

from __future__ import annotations

import logging

import duckdb
import streamlit as st
from shared import data, search, signin
from shared.navigation import demonstration_banner, enter, menu, navigate
from shared.text import age, choose_language, plain, t

from smv_ai.errors import NoReleaseError, OtherKindError, SystemStateError

# What stands on the page where a release cannot be shown: in both languages, for the reader may not have chosen yet.
PROBLEMS = {
    "absent": (
        "Den udgave af data, som linket peger på, findes ikke eller kan ikke læses. Vis den nyeste udgave i stedet.",
        "The release of the data that the link names is not there or cannot be read. Show the newest release instead.",
    ),
    "missing": (
        "Den aktuelle udgave af data mangler eller kan ikke læses. Kør `smv-ai rollback` eller `make warehouse` i "
        "projektets mappe, og genindlæs siden.",
        "The current release of the data is missing or cannot be read. Run `smv-ai rollback` or `make warehouse` in "
        "the project folder and reload this page.",
    ),
    "schema": (
        "Udgaven af data er dannet af en anden, som regel ældre, version af projektet: den mangler en tabel eller "
        "kolonne, som siden viser. Kør `make warehouse`, eller vis en nyere udgave.",
        "The release of the data was made by another, usually older, version of the project: it lacks a table or a "
        "column that this page shows. Run `make warehouse`, or show a newer release.",
    ),
    "warehouse": (
        "Den udgave, der ligger her, indeholder opdigtede besvarelser og vises derfor ikke som data om virksomheder. "
        "Kør `make warehouse` for at danne de rigtige data, eller `make demo-app` for at se demonstrationen.",
        "The release that lies here holds made-up responses, so it is not shown as data on firms. Run `make warehouse` "
        "to build the real data, or `make demo-app` to see the demonstration.",
    ),
    "demonstration": (
        "Den udgave, der ligger her, er ikke en demonstration. Kør `make demo` for at danne en, eller `make app` for "
        "at se de rigtige data.",
        "The release that lies here is no demonstration. Run `make demo` to make one, or `make app` to see the real "
        "data.",
    ),
    "setting": (
        "En indstilling af appen er forkert. Den, der driver appen, kan rette den.",
        "A setting of the app is wrong. Whoever operates the app can correct it.",
    ),
}


def header() -> None:
    """Name of the app and language switch."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"):
        name = st.container()
        choose_language()
    name.caption(t("app"))
    menu()


def newest_button() -> None:
    """The way from a release that a link names to the current one."""
    st.button("Vis den nyeste udgave / Show the newest release", on_click=data.follow_current, key="newest_release")


def release_note() -> None:
    """Above the page, where a link holds the reader to a release that is not the current one."""
    if data.asked_release() and data.is_outdated():
        release = data.release()
        st.warning(t("release_old", id=plain(release.release_id), age=age(release.created_at)))
        newest_button()


def footer() -> None:
    """Which release the reader sees and how old it is."""
    release = data.release()
    st.divider()
    signin.sign_out()
    st.caption(f"{t('release', id=plain(release.release_id), age=age(release.created_at))}. {t('footer')}")


def kind_of(problem: Exception) -> str:
    """Which of PROBLEMS an error is."""
    if isinstance(problem, SystemStateError):
        return "setting"
    if isinstance(problem, OtherKindError):
        return str(problem.wanted)
    if isinstance(problem, (duckdb.CatalogException, duckdb.BinderException)):
        return "schema"
    return "absent" if data.asked_release() else "missing"


def no_page(problem: Exception) -> None:
    """The page for what cannot be shown: what is wrong and what to do, in both languages."""
    logging.getLogger(__name__).warning("no page could be shown", exc_info=problem)
    danish, english = PROBLEMS[kind_of(problem)]
    st.title("Ingen data at vise / No data to show", anchor=False)
    st.error(f"**Dansk.** {danish}")
    st.error(f"**English.** {english}")
    if data.asked_release():
        newest_button()
    st.code(str(problem), language=None, wrap_lines=True)


def main() -> None:
    """Draw the chosen page, or say plainly why there is nothing to draw."""
    # No page_icon: Streamlit would fetch a named one from the network, and nothing here contacts it.
    st.set_page_config(layout="centered")
    head = st.container()
    body = st.empty()  # what was drawn of a page before its release failed is taken away again
    try:
        page = navigate()
        st.set_page_config(page_title=f"{page.title} – {t('app')}", layout="centered")
        with head:
            header()
            demonstration_banner()
        with body.container():
            if signin.may_enter():
                data.settle_release()
                search.box()
                release_note()
                enter(page)
                footer()
    except (NoReleaseError, SystemStateError, duckdb.Error, OSError) as problem:
        data.forget()
        body.empty()
        no_page(problem)


main()
