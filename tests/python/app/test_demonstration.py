"""The demonstration app: a banner on every page, a mark across every chart and picture, a name on every file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pyarrow.ipc
import pyarrow.parquet
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support.app_pages import open_page, page_names, read_csv

from smv_ai.environment import Kind

# The pages with figures, by the kinds of evidence that they are asked for.
PAGES = ("overview", "adoption", "barriers", "productivity", "explore", "sources")
BANNER = {"da": "Dette er en demonstration", "en": "This is a demonstration"}
WORD = "DEMONSTRATION"


@pytest.fixture
def visit(demo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page of the demonstration app."""
    return lambda page, lang="da", **address: open_page(
        demo_dir, monkeypatch, page, kind=Kind.DEMONSTRATION, lang=lang, **address
    )


def marks(spec: dict) -> list[dict]:
    """The layers of a chart that write the word, with their places."""
    found = [spec] if isinstance(spec.get("mark"), dict) and spec["mark"].get("text") == WORD else []
    return found + [mark for part in (*spec.get("layer", ()), *spec.get("vconcat", ())) for mark in marks(part)]


def shown(dataset: Any) -> pd.DataFrame:
    """Rows of a chart as they go to the browser."""
    return pyarrow.ipc.open_stream(dataset.data.data).read_all().to_pandas()


@pytest.mark.parametrize("language", BANNER)
@pytest.mark.parametrize("page", page_names())
def test_every_page_says_that_it_is_a_demonstration(visit, page: str, language: str) -> None:
    app = visit(page, language)
    assert not app.exception
    assert [BANNER[language] in error.value for error in app.error] == [True]


@pytest.mark.parametrize("evidence", ["published", "synthetic"])
@pytest.mark.parametrize("page", PAGES)
def test_every_chart_is_marked_over_its_whole_height(visit, page: str, evidence: str) -> None:
    """The top layer writes the word in rows so close that a strip of any figure holds one, clipped to the plot."""
    charts = visit(page, evidence=evidence).get("vega_lite_chart")
    assert charts or page == "sources"
    for chart in charts:
        spec = json.loads(chart.proto.spec)
        [mark] = marks(spec)
        assert spec["layer"][-1] == mark and mark["mark"]["clip"]
        [places] = [shown(data) for data in chart.proto.datasets if data.name == mark["data"]["name"]]
        rows = sorted({*places["mark_y"]})
        assert (
            rows[0] <= 40 and rows[-1] >= spec["height"] - 10 and max(pd.Series(rows).diff().dropna(), default=0) <= 64
        )
        for _, row in places.groupby("mark_y"):
            assert row["mark_x"].min() <= 120 and row["mark_x"].max() > 3500 and row["mark_x"].diff().max() <= 230


def files_of(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What makes each file that the menus of a page offer, by name."""
    found: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(st, "download_button", lambda *_, data, file_name, **__: found.update({file_name: data}))
    for menu in app.get("popover"):
        app.session_state[menu.proto.id.split("-")[-1]] = True
    app.run()
    assert not app.exception
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_file_says_so_in_its_name_and_inside(visit, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    files = files_of(visit(page, "en"), monkeypatch)
    assert files and all(name.startswith("demonstration_") for name in files)
    for name, make in files.items():
        if name.endswith("csv"):
            rows = read_csv(name, make())
            assert rows["release_id"].str.startswith("demonstration ").all(), name
        elif name.endswith("svg"):
            spec = make.args[0]
            alt.VConcatChart.from_dict(spec)
            assert len(marks(spec)) == len(spec["vconcat"]) - 1, "each chart above the words"
            picture = make().decode()
            assert picture.count(f">{WORD}<") >= 6 and f"{WORD}: " in picture, name
            assert "Do not quote figures from here." in picture, name


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_survey_shows_what_is_computed_beyond_its_levels(visit, lang: str) -> None:
    app = visit("surveys", lang, wave="deb_2025_autumn", evidence="synthetic")
    assert not app.exception
    assert {
        "da": {"Forskelle", "Forskelle mellem grupper", "Test af uafhængighed"},
        "en": {"Differences", "Differences between groups", "Tests of independence"},
    }[lang] <= {header.value for header in app.header}
    app.session_state["open_survey_groups"] = True
    app.run()
    heads = {tuple(frame.value.columns) for frame in app.dataframe}
    assert any("p, justeret (Holm)" in head or "p, adjusted (Holm)" in head for head in heads)


def test_citations_name_the_demonstration(visit, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit("barriers", "en")
    files_of(app, monkeypatch)
    cited = [code.value for code in app.code if "smv_ai," in code.value]
    assert cited and all("smv_ai, demonstration, release" in text for text in cited)


def test_files_of_the_sql_page_say_so(visit, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit("sql", "en")
    found: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(st, "download_button", lambda *_, data, file_name, **__: found.update({file_name: data}))
    app.text_area(key="sql_text").set_value("select 1 as a")
    app.button(key="sql_run").click().run()
    assert {name.split(".")[-1] for name in found} == {"csv", "parquet"}
    assert all(name.startswith("demonstration_sql_") for name in found)
    csv, parquet = (next(make for name, make in found.items() if name.endswith(kind)) for kind in ("csv", "parquet"))
    assert pd.read_csv(io.BytesIO(csv()))["smv_ai_release"][0].startswith("demonstration ")
    assert pyarrow.parquet.read_schema(io.BytesIO(parquet())).metadata[b"smv_ai_release"].startswith(b"demonstration ")


def test_the_app_on_real_figures_says_nothing_of_it(release_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(release_dir, monkeypatch, "barriers", lang="da")
    assert not app.error and not app.radio, "one kind of evidence needs no switch"
    charts = app.get("vega_lite_chart")
    assert charts and not any(marks(json.loads(chart.proto.spec)) for chart in charts)
    assert not any("demonstration" in name for name in files_of(app, monkeypatch))


@pytest.mark.parametrize(
    ("kind", "other", "way_out"),
    [(Kind.WAREHOUSE, "demo_dir", "make demo-app"), (Kind.DEMONSTRATION, "release_dir", "make app")],
)
def test_the_app_of_one_kind_refuses_a_release_of_the_other(
    kind: Kind, other: str, way_out: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(request.getfixturevalue(other), monkeypatch, "barriers", kind=kind, lang="da")
    assert not app.exception and not app.get("vega_lite_chart")
    assert [title.value for title in app.title] == ["Ingen data at vise / No data to show"]
    told = [error.value for error in app.error if "Dansk." in error.value or "English." in error.value]
    assert len(told) == 2 and all(way_out in text for text in told)
