"""The matched comparison on the Productivity page: both growths, difference, width, likeness, caution; from data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import altair as alt
import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from support.app_pages import open_page

from smv_ai.environment import Kind

LANGUAGES = ("da", "en")
CAUTION = {"da": "ikke en effekt", "en": "not an effect"}
PRINTED_CAUTION = {"da": "ikke at AI er årsagen", "en": "not that AI is the cause"}
LIKENESS = {"da": "Ligner virksomhederne hinanden?", "en": "Are the firms alike?"}
NO_INTERVAL = {
    "da": "intet interval (spredning ikke offentliggjort)",
    "en": "no interval (variance not published)",
}


@pytest.fixture
def visit(demo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the Productivity page on the demonstration under test."""
    kind = Kind.DEMONSTRATION
    return lambda **address: open_page(demo_dir, monkeypatch, "productivity", kind=kind, **address)


def said(app: AppTest) -> str:
    return "\n".join(text.value for text in [*app.markdown, *app.caption, *app.info])


def table(app: AppTest, key: str) -> pd.DataFrame:
    """The table in the place of a figure's chart."""
    english = app.query_params["lang"] in ("en", ["en"])
    before = [frame.value for frame in app.dataframe]
    app.session_state[f"tabs_{key}"] = "Table" if english else "Tabel"
    after = [frame.value for frame in app.run().dataframe]
    [found] = [frame for frame in after if not any(frame.equals(other) for other in before)]
    return found


def has_love_plot(app: AppTest, language: str) -> bool:
    return any(chart.proto.alt.startswith(LIKENESS[language]) for chart in app.get("vega_lite_chart"))


def written(value: float, language: str) -> str:
    return f"{value:.1f}".replace(".", "," if language == "da" else ".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_study_stands_without_interval_and_with_its_own_caution(visit, language: str) -> None:
    app = visit(lang=language)
    assert not app.exception
    assert PRINTED_CAUTION[language] in said(app)
    assert said(app).count(NO_INTERVAL[language]) >= 2
    assert not has_love_plot(app, language)
    differences = table(app, "growth_difference")
    marks = {"da": ["+1,9", "+4,0", "\u22120,8", "+2,4"], "en": ["+1.9", "+4.0", "\u22120.8", "+2.4"]}[language]
    assert [value.split()[0] for value in differences.iloc[:, 1]] == marks


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_width_is_that_of_the_made_up_register(
    visit, demo_warehouse: duckdb.DuckDBPyConnection, language: str
) -> None:
    halves = [
        half
        for (half,) in demo_warehouse.execute(
            "select (matched_ci_upper - matched_ci_lower) / 2 from marts.fct_matched_comparisons"
        ).fetchall()
    ]
    words = said(visit(lang=language))
    assert len(halves) == 4
    assert written(min(halves), language) in words
    assert written(max(halves), language) in words
    assert {"da": "4 af 4 intervaller omfatter nul", "en": "4 of 4 intervals include zero"}[language] in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_made_up_register_the_width_is_not_known(
    release_dir: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    app = open_page(release_dir, monkeypatch, "productivity", lang=language)
    words = said(app)
    assert not app.exception
    assert {"da": "ville være, vides ikke", "en": "would be is not known"}[language] in words
    assert {"da": "konstruerede register", "en": "made-up register"}[language] not in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_has_intervals_counts_terms_likeness_and_the_caution(visit, language: str) -> None:
    app = visit(lang=language, evidence="synthetic")
    words = said(app)
    assert not app.exception
    assert CAUTION[language] in words
    for part in {
        "da": ["117 virksomheder med AI", "270 forskellige", "3 nærmeste", "årsværk (logaritme)", "samme branche"],
        "en": ["117 firms with AI", "270 different", "3 nearest", "turnover (logarithm)", "same industry"],
    }[language]:
        assert part in words.replace("\\", "")
    assert has_love_plot(app, language)
    differences = table(app, "growth_difference")
    limits = {"da": ["Nedre grænse", "Øvre grænse"], "en": ["Lower limit", "Upper limit"]}[language]
    assert (differences[limits[0]] < 0).all() and (differences[limits[1]] > 0).all()


def test_the_love_plot_shows_every_term_before_and_after(visit, demo_warehouse: duckdb.DuckDBPyConnection) -> None:
    balance = demo_warehouse.execute(
        "select column_label_en, smd_before, smd_after from marts.fct_match_balance order by column_number"
    ).fetchall()
    rows = table(visit(lang="en", evidence="synthetic"), "match_balance")
    shown = [(row["Group"], row["Series"], row["Value"]) for row in rows.to_dict("records")]
    expected = [
        (label, series, f"{value:.2f}".replace("-", "\u2212"))
        for label, before, after in balance
        for series, value in (("Before matching", before), ("After matching", after))
    ]
    assert shown == expected


def test_the_love_plot_follows_the_schema(visit) -> None:
    visit(lang="en")  # the charts read the language of a page
    from shared import charts as drawing

    rows = pd.DataFrame(
        {
            "label": ["Size", "Size"], "series": ["Before", "After"], "observation_value": [0.4, -0.3],
            "value_text": ["0.40", "-0.30"], "ci_lower": [None, None], "ci_upper": [None, None],
            "status_marks": ["", ""],
        }
    )  # fmt: skip
    look = drawing.Look("en", ink="#000000", paper="#FFFFFF", accent="#0072B2")
    spec = drawing.love(rows.astype({"ci_lower": float, "ci_upper": float}), look, x_title="Difference")
    alt.LayerChart.from_dict(spec)
    guides = [layer["data"] for layer in spec["layer"] if "data" in layer]
    assert len(guides) == 2
