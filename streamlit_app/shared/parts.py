"""Parts of a page that are redrawn by themselves when their own filter changes."""

from __future__ import annotations

import functools
from collections.abc import Callable

import duckdb
import streamlit as st

from shared.state import NothingToChooseError
from shared.text import t
from smv_ai.errors import NoReleaseError

# What app.py turns into a page for the reader; Streamlit would show a part that failed as a box within the page.
PROBLEMS = (NoReleaseError, duckdb.Error, OSError)


def part(draw: Callable[..., None]) -> Callable[..., None]:
    """`st.fragment`, whose problems with the release reach app.py: at once, or by drawing the whole page anew."""

    @st.fragment
    def guarded(found: list[Exception], is_whole: list[bool], *arguments: object, **options: object) -> None:
        try:
            draw(*arguments, **options)
        except NothingToChooseError:
            st.info(t("none_found"))
        except PROBLEMS as problem:
            if not is_whole:
                st.rerun()
            found.append(problem)

    @functools.wraps(draw)
    def drawn(*arguments: object, **options: object) -> None:
        found, is_whole = [], [True]
        guarded(found, is_whole, *arguments, **options)
        is_whole.clear()
        if found:
            raise found[0]

    return drawn
