"""Over time and abroad against the marts: no line, difference or title crosses a break; bounds, studies, files."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.ipc
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support.app_pages import APP, open_page

from smv_ai.errors import BadInputError
from smv_ai.passport.verify import verify_figure


@pytest.fixture
def visit(release_dir: Path, monkeypatch: pytest.MonkeyPatch):
    """The page on the release under test."""
    return lambda lang="en", **address: open_page(release_dir, monkeypatch, "official", lang=lang, **address)


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch):
    """The module behind the page."""
    monkeypatch.syspath_prepend(str(APP))
    from shared import official

    return official


def drawn(app: AppTest, position: int) -> list[pd.DataFrame]:
    """The datasets of a chart of the page, as they go to the browser."""
    chart = app.get("vega_lite_chart")[position]
    return [pyarrow.ipc.open_stream(dataset.data.data).read_all().to_pandas() for dataset in chart.proto.datasets]


def rows_of(app: AppTest, position: int) -> pd.DataFrame:
    """The figures that a chart draws."""
    return next(data for data in drawn(app, position) if "from_place" in data or "bound_lower" in data)


def test_another_country_begins_with_its_own_series_and_none_stays_none(visit) -> None:
    app = visit()
    before = app.multiselect(key="size.series").value
    assert len(app.selectbox(key="size.area").options) > 1
    app.selectbox(key="size.area").select_index(1).run()
    series = app.multiselect(key="size.series")
    assert series.value and series.value != before
    series.set_value([]).run()
    assert app.multiselect(key="size.series").value == [] and not app.exception


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_line_is_drawn_where_a_step_is_no_break_and_nowhere_else(
    visit, warehouse: duckdb.DuckDBPyConnection, language: str
) -> None:
    series = warehouse.execute(
        "select distinct series_family || '.' || area_code || '.' || official_size from marts.mart_official "
        "where official_indicator = 'ai_use' and official_industry = 'total' and unit_of_measure = 'percent' "
        "and series_family not in ('danish_studies', 'di_members') and official_size in ('GE10', 'not_stated')"
    ).fetchall()
    app = visit(language, areas=",".join(code for (code,) in series))
    assert not app.exception and not app.error and not app.warning
    rows = rows_of(app, 0)
    steps = dict(
        warehouse.execute(
            "select to_official_figure_id, from_value from marts.fct_official_steps where not is_break"
        ).fetchall()
    )
    figures = {row["observation_id"]: row for row in rows.to_dict("records")}
    assert len(figures) > 10
    for key, row in figures.items():
        assert (row["from_value"] if pd.notna(row["from_value"]) else None) == steps.get(key), key
        assert pd.notna(row["from_place"]) == (key in steps), key
    for break_words in warehouse.execute(
        f"select distinct break_words_{language} from marts.fct_official_steps where is_break and list_contains(?, "
        "to_official_figure_id)", [list(figures)],
    ).fetchall():  # fmt: skip
        told = " ".join(caption.value for caption in app.caption)
        for change in break_words[0].replace("-", "\u2013").split("; "):
            assert change.split("(")[0].strip() in told.replace("-", "\u2013").replace("\\", ""), change


def test_the_title_names_the_newest_figures_and_only_what_may_be_compared(visit) -> None:
    title = visit().subheader[0].value.replace("\u00a0", " ")
    assert title.startswith("Denmark (Statistics Denmark): 42.03% ◊ in 2025; EU (Eurostat): 19.95% ◊ in 2025.")
    assert title.endswith("2019–2020 (+5.0 percentage points)")


def test_a_country_without_figures_is_named_with_the_reason(visit) -> None:
    told = " ".join(caption.value for caption in visit().caption)
    assert "Sweden, Norway and Finland: no figures, for their table from Eurostat has not been loaded" in told


def test_bounds_and_studies_equal_the_marts(visit, warehouse: duckdb.DuckDBPyConnection) -> None:
    app = visit()
    bounds = rows_of(app, -1)
    expected = "select bound_id, bound_lower, bound_upper from marts.fct_bounds where bound_lower is not null"
    shown = set(bounds[["observation_id", "bound_lower", "bound_upper"]].itertuples(index=False, name=None))
    assert shown == set(warehouse.execute(expected).fetchall())
    [studies] = warehouse.execute(
        "select count(*) from marts.fct_headline_figures where observation_value is not null"
    ).fetchone()
    lines = app.expander[0].markdown[0].value.splitlines()
    assert len(lines) == studies
    assert any("CAISA" in line and "definition (eight categories" in line for line in lines)
    assert any("is the official survey itself" in line for line in lines)


def test_a_break_of_which_one_series_alone_speaks_names_it(official) -> None:
    steps = pd.DataFrame(
        {
            "label": ["A", "B", "A"], "from_period": ["2021", "2021", "2023"], "time_period": ["2023", "2023", "2024"],
            "is_break": [True, True, False], "break_words": ["both; one", "both", None],
        }
    )  # fmt: skip
    [found] = official.breaks(steps).to_dict("records")
    assert (found["letter"], found["from_period"], found["to_period"], found["place"]) == ("A", "2021", "2023", 2022)
    assert found["words"] == "both; kun A: one"


def test_a_wide_break_that_says_nothing_new_is_left_out(official) -> None:
    steps = pd.DataFrame(
        {
            "label": ["A", "A", "B"], "from_period": ["2021", "2023", "2021"], "time_period": ["2023", "2024", "2024"],
            "is_break": [True] * 3, "break_words": ["x", "y", "x; y"],
        }
    )  # fmt: skip
    assert official.breaks(steps)["words"].tolist() == ["x", "y"]
    steps.loc[2, "break_words"] = "x; z"
    assert official.breaks(steps)["words"].tolist() == ["x", "x; z", "y"]


def test_two_hundred_random_series_are_joined_inside_stretches_alone(official) -> None:
    chance = random.Random(7)
    for _ in range(200):
        years = sorted(chance.sample(range(2010, 2030), chance.randint(2, 8)))
        is_break = [None, *(chance.random() < 0.5 for _ in years[1:])]
        rows = pd.DataFrame(
            {
                "label": "A", "time_period": [str(year) for year in years], "observation_value": 1.0,
                "from_period": [None, *map(str, years[:-1])], "from_value": [None, *[1.0] * (len(years) - 1)],
                "is_break": pd.Series(is_break, dtype=object), "break_words": "w", "status_marks": "",
                "value_text": "1%", "difference": [0.0 if step is False else None for step in is_break],
            }
        )  # fmt: skip
        placed = official.placed(rows)
        assert placed["from_place"].notna().tolist() == [step is False for step in is_break]
        assert placed["from_value"].notna().tolist() == [step is False for step in is_break]
        gaps = {(row["from_period"], row["to_period"]) for row in official.breaks(rows).to_dict("records")}
        assert gaps == {
            (str(years[place - 1]), str(years[place])) for place, step in enumerate(is_break) if step is True
        }
        said = official.with_steps(rows)["step_words"]
        assert [isinstance(words, str) and "procentpoint" in words for words in said] == [
            step is False for step in is_break
        ]


@pytest.mark.parametrize(
    ("period", "at"),
    [
        ("2024", 2024),
        ("2024-Q4", 2024.75),
        ("2025-H1", 2025),
        ("2025-09/2025-10", 2025 + 8 / 12),
        ("202520", 2025 + 19 / 26),
    ],
)
def test_a_period_has_its_place(official, period: str, at: float) -> None:
    assert official.place(period) == pytest.approx(at)


def test_what_names_no_year_has_no_place(official) -> None:
    with pytest.raises(ValueError, match="'annual' names no year"):
        official.place("annual")


def saved(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What makes each file of the page, by its name."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(st, "download_button", lambda *_, data, file_name, **__: found.update({file_name: data}))
    for menu in app.get("popover"):
        app.session_state[menu.proto.id.split("-")[-1]] = True
    app.run()
    return found


def test_its_files_are_verified_and_a_changed_digit_is_found(
    visit, release_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = saved(visit(), monkeypatch)
    for figure in ("official_areas", "official_bounds"):
        [name] = [name for name in files if name.startswith(figure) and name.endswith(".csv") and "excel" not in name]
        (tmp_path / name).write_bytes(files[name]())
        assert verify_figure(tmp_path / name, lambda _: release_dir).rows > 3
        content = (tmp_path / name).read_bytes()
        digit = b"42.03" if figure == "official_areas" else b"19.955"
        assert digit in content
        (tmp_path / name).write_bytes(content.replace(digit, b"43.03", 1))
        with pytest.raises(BadInputError, match=r"is not what the warehouse says"):
            verify_figure(tmp_path / name, lambda _: release_dir)
    pictures = [make for name, make in files.items() if name.startswith("official_areas") and name.endswith("svg")]
    spec = json.dumps(pictures[0].args[0])
    assert "A, 2020\\u20132021" in spec, "the words of the breaks leave with the picture"
    assert io.BytesIO(pictures[0]()).read(4) == b"<svg"
