"""Altair charts with one grammar: a filled dot has an interval, a hollow dot has none. Colour-blind safe.

A chart function returns a Vega-Lite specification. Building one takes ten times as long as a query, so
figures.py keeps them.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import altair as alt
import pandas as pd
import streamlit as st

from shared import data
from shared.text import language, number, t
from smv_ai.seeds.characters import cleaned

# Okabe and Ito (2008), without the yellow that vanishes on white; grey stands in for their black.
OKABE_ITO = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A7F87"]
DIVERGING = ["#B34700", "#E39A5F", "#A9AFB6", "#C9CDD2", "#7DBCE3", "#0072B2"]
DANISH = alt.NumberLocale(decimal=",", thousands=".", grouping=[3], currency=["", " kr."])
ENGLISH = alt.NumberLocale(decimal=".", thousands=",", grouping=[3], currency=["DKK ", ""])
# Channels are always named by their class: for `alt.value(…)` and for bare strings Altair compares with all that its
# schema knows, which takes longer than the rest of a chart.
NO_TOOLTIP = alt.TooltipValue(None)
LABEL_WIDTH = 25
# A label has at most so many lines beside a chart: the longest of the catalogue has five.
MOST_LINES = 12
LONGEST_LABEL = 2 * MOST_LINES * LABEL_WIDTH
# Beside a value that has no interval, where the mark itself cannot be hollow.
HOLLOW = "○"
# Across every chart of a demonstration; the word is the same in both languages.
DEMONSTRATION = "DEMONSTRATION"
# Pixels from one such word to the next. No part of a chart that shows a figure is without one: the columns reach as far
# as the widest screen, and what lies outside the plot is clipped.
MARK_STEP, MARK_LINE, MARK_REACH = 230, 64, 3840


@dataclass(frozen=True)
class Look:
    """How a chart looks: the language of its numbers; the colours of text, background, the one accent, and the rest.

    A hollow dot is filled with the paper, so that the line behind does not show through. `is_marked`: the word
    DEMONSTRATION stands across it.
    """

    language: str
    ink: str
    paper: str
    accent: str
    quiet: str = "#8A9099"
    is_marked: bool = False


def light() -> Look:
    """The light theme in the reader's language; files always have it."""
    is_marked = data.release().is_demonstration
    return Look(language(), ink="#101820", paper="#FFFFFF", accent=OKABE_ITO[0], is_marked=is_marked)


def look() -> Look:
    """The reader's theme and language; the browser says which theme it is a moment after the first run."""
    if st.context.theme.type == "dark":
        return replace(light(), ink="#E4E8EC", paper="#12171C", accent=OKABE_ITO[4])
    return light()


# What the drawing reads of the rows; the rest stays out of the specification.
DRAWN = [
    "observation_id", "row", "label", "series", "value_text", "observation_value", "ci_lower", "ci_upper",
    "sample_size", "group_title", "toe_category", "is_focus", "is_upper", "change", "edge", "bar_start",
    "bar_end", "middle", "tile_row", "tile_column", "text_at", "text_left", "text_low", "mark_text", "below",
    "has_interval", "zero", "time_period", "place", "from_place", "from_value", "bound_lower", "bound_upper",
    "compared_value", "compared_text",
]  # fmt: skip


def chart(draw: Callable[..., tuple[list[alt.Chart], pd.DataFrame, int]]) -> Callable[..., dict]:
    """Makes a specification of the layers, rows and height that a function gives."""

    @functools.wraps(draw)
    def specification(frame: pd.DataFrame, look: Look, **options: object) -> dict:
        # Each property checked against the schema takes most of the time; a test checks the whole of every chart.
        with alt.utils.schemapi.debug_mode(False):
            layers, rows, height = draw(frame, look, **options)
            word = DEMONSTRATION if look.is_marked else _synthetic_word(frame)
            layers += [_mark(look, height, word)] if word else []
            told = _told(rows)
            shown = told[[column for column in dict.fromkeys([*DRAWN, *TOLD.values(), "nth"]) if column in told]]
            return cleaned(_whole(layers, shown, height, look))

    return specification


def _whole(layers: list[alt.Chart], rows: pd.DataFrame, height: int, look: Look) -> dict:
    """The layers over the same rows as a specification; a layer may have rows of its own.

    By hand: `alt.layer` copies every layer several times over, and looks at each cell of the rows, which together takes
    three times as long as all the rest.
    """
    datasets: dict[str, list[dict]] = {}

    def named(frame: pd.DataFrame) -> dict[str, str]:
        told = _records(frame)
        name = "data-" + hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
        datasets[name] = told
        return {"name": name}

    parts = []
    for layer in layers:
        own, layer.data = layer.data, alt.Undefined
        part = _spoken(layer.to_dict(validate=False, context={"top_level": False, "data": None}))
        part.pop("data", None)  # Altair names the rows of a layer that has none "empty"
        parts.append(part | {"data": named(own)} if isinstance(own, pd.DataFrame) else part)
    return {
        "$schema": alt.SCHEMA_URL,
        "config": _config(look).to_dict(validate=False),
        "data": named(rows),
        "datasets": datasets,
        "height": height,
        "layer": parts,
    }


def _records(frame: pd.DataFrame) -> list[dict]:
    """The rows as JSON has them; null for what is absent or no number."""
    columns = {str(name): [_plain(value) for value in frame[name].tolist()] for name in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _spoken(layer: dict) -> dict:
    """A layer whose marks have tooltips says the same of each to those who do not see it; shell.js leads keys there.

    Each mark has a name (Vega writes it as `aria-label`) of the headings and words of its tooltip.
    """
    tooltip = layer["encoding"].get("tooltip")
    fields = [one for one in (tooltip if isinstance(tooltip, list) else [tooltip]) if one and "field" in one]
    if not fields or layer["mark"]["type"] == "text":  # a text belongs to the mark that it stands beside or on
        return layer
    words = " + '. ' + ".join(
        f"{json.dumps(one['title'] + ': ')} + datum[{json.dumps(one['field'])}]" for one in fields
    )
    mark = layer["mark"] | {"aria": True, "ariaRoleDescription": t("chart_mark")}
    return layer | {"mark": mark, "encoding": layer["encoding"] | {"description": {"value": {"expr": words}}}}


def _synthetic_word(frame: pd.DataFrame) -> str:
    """The word across a chart of a real warehouse whose figures are not about real firms; empty for all others."""
    is_synthetic = "evidence_type" in frame and frame["evidence_type"].eq("synthetic").any()
    return t("synthetic_mark") if is_synthetic else ""


def _mark(look: Look, height: int, word: str) -> alt.Chart:
    """A word again and again, aslant over the whole plot, in pixels: it takes part in no scale."""
    places = [
        {"mark_x": x + MARK_STEP / 2 * (line % 2), "mark_y": y}
        for line, y in enumerate(range(MARK_LINE // 2, height + MARK_LINE, MARK_LINE))
        for x in range(0, MARK_REACH, MARK_STEP)
    ]
    words = alt.Chart(pd.DataFrame(places)).mark_text(
        text=word, angle=340, fontSize=22, fontWeight="bold", opacity=0.2, color=look.ink, clip=True
    )
    return words.encode(
        x=alt.XValue(alt.ExprRef("datum.mark_x")), y=alt.YValue(alt.ExprRef("datum.mark_y")), tooltip=NO_TOOLTIP
    )


def _wrapped(labels: pd.Series) -> pd.Series:
    """Labels as they stand beside a chart; one that no page can hold ends in dots, and stands whole in tables."""
    return labels.map(
        lambda label: (
            "\n".join(textwrap.wrap(str(label)[:LONGEST_LABEL], LABEL_WIDTH, max_lines=MOST_LINES, placeholder=" …"))
            or " "
        )
    )


def _config(look: Look) -> alt.Config:
    """What all charts share: number format of the language, quiet axes, no frame."""
    return alt.Config(
        locale=alt.Locale(number=DANISH if look.language == "da" else ENGLISH),
        view=alt.ViewConfig(stroke=None),
        # Lines and printed values would only repeat what the marks with a tooltip say (_spoken).
        mark=alt.MarkConfig(aria=False, tooltip=None),
        axis=alt.AxisConfig(labelFontSize=13, titleFontSize=12, titleFontWeight="normal", labelColor=look.ink),
        legend=alt.LegendConfig(orient="top", title=None, labelFontSize=13, labelLimit=0, labelColor=look.ink),
    )


# What the tooltip of a mark says, in this order, and the column that has it in words: Vega would write null for none.
TOLD = {"label": "label", "series": "series", "time_period": "time_period"} | {
    name: f"told_{name}"
    for name in (
        "value_text", "ci_lower", "ci_upper", "sample_size", "base_population", "survey_wave",
        "observation_status_label", "source_line", "verdict",
    )
}  # fmt: skip
_DECIMALS = {"ci_lower": 1, "ci_upper": 1, "sample_size": 0}


def _told(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with their places, and the words of their tooltips, a dash for what one of them lacks."""
    words = {TOLD[name]: [_word(name, value) for value in rows[name]] for name in _known(rows) if TOLD[name] != name}
    return rows.assign(nth=range(len(rows)), **words)


def _known(rows: pd.DataFrame) -> list[str]:
    return [name for name in TOLD if name in rows and rows[name].notna().any()]


def _word(name: str, value: Any) -> str:
    if pd.isna(value):
        return "–"
    if name in _DECIMALS:
        return number(value, _DECIMALS[name])
    return str(int(value)) if name == "source_line" else str(value)


def _tooltips(frame: pd.DataFrame) -> list[alt.Tooltip]:
    """What is known of the marks of these rows; nothing where there are none, so that no empty layer is spoken of."""
    return [alt.Tooltip(f"{TOLD[name]}:N", title=t(f"col_{name}")) for name in _known(frame)]


def _by_interval(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with a value that are drawn as filled marks, and those that are drawn as hollow ones."""
    valued = data[data["observation_value"].notna()]
    return valued[valued["has_interval"]], valued[~valued["has_interval"]]


def _height(rows: pd.Series, around: int) -> int:
    """Pixels for the rows, by their longest label, and for what stands around them (axis, legend)."""
    lines = rows.map(lambda row: row.count("\n") + 1).max()
    return int(rows.nunique() * max(36, 16 * lines + 12) + around)


def _rows_axis(order: list[str]) -> alt.Y:
    axis = alt.Axis(
        title=None, ticks=False, domain=False, labelExpr="split(datum.label, '\\n')", labelLimit=230, labelPadding=8
    )
    # Every row has its label: left alone, Vega drops those that come close to their neighbours.
    axis.labelOverlap = False
    axis.labelFlush = False
    # Vega hangs several lines from the middle of the row; half of what hangs below is taken back.
    axis.labelOffset = alt.ExprRef("-8 * (length(split(datum.value, '\\n')) - 1)")
    return alt.Y("row:N", sort=order, axis=axis)


@dataclass(frozen=True)
class _Plane:
    """What the layers of one chart share: its rows, a value axis with room for the printed values, a row axis."""

    data: pd.DataFrame
    title: str
    look: Look
    room_left: float
    room_right: float
    # the axis reaches at least from here to there
    within: tuple[float, float] = (0.0, 1.0)

    @functools.cached_property
    def reach(self) -> tuple[float, float]:
        """The smallest and the largest value drawn; zero is always within."""
        values = self.data[["observation_value", "ci_lower", "ci_upper"]]
        return min(self.within[0], values.min().min()), max(self.within[1], values.max().max())

    @property
    def domain(self) -> list[float]:
        low, high = self.reach
        span = high - low
        return [low - self.room_left * span, high + self.room_right * span]

    @property
    def y(self) -> alt.Y:
        return _rows_axis(list(dict.fromkeys(self.data["row"])))

    def x(self, field: str) -> alt.X:
        """A field on the value axis; no tick stands in the room that is kept for text."""
        axis = alt.Axis(title=self.title, values=_ticks(*self.reach), gridOpacity=0.5, domain=False, titlePadding=8)
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=self.domain, nice=False, zero=False), axis=axis)

    def text(
        self, rows: alt.Chart, at: str, align: Literal["left", "right"], field: str = "mark_text", **style: Any
    ) -> alt.Chart:
        """Words beside a mark."""
        mark = rows.mark_text(align=align, dx=11 if align == "left" else -11, fontSize=13, color=self.look.ink, **style)
        return mark.encode(x=self.x(at), y=self.y, text=alt.Text(f"{field}:N"), tooltip=NO_TOOLTIP)

    def values(self, rows: alt.Chart) -> list[alt.Chart]:
        """The printed values outside their intervals: to the right, of what is below zero to the left."""
        above, below = (rows.transform_filter(f"datum.observation_value {sign} 0") for sign in (">=", "<"))
        return [self.text(above, "text_at", "left"), self.text(below, "text_low", "right")]

    def marks(self, rows: alt.Chart, encode: dict) -> list[alt.Chart]:
        """Interval lines; filled dots where there is an interval, hollow ones where there is none."""
        known = rows.transform_filter("datum.has_interval")
        unknown = rows.transform_filter("!datum.has_interval")
        line = known.mark_rule(strokeWidth=3).encode(
            x=self.x("ci_lower"), x2=alt.X2("ci_upper:Q"), y=self.y, color=encode["color"]
        )
        filled = known.mark_point(filled=True, size=110, opacity=1)
        hollow = unknown.mark_point(filled=False, fill=self.look.paper, size=95, strokeWidth=2.5, opacity=1)
        at = {"x": self.x("observation_value"), "y": self.y}
        with_interval, without = _by_interval(self.data)
        return [
            line,
            filled.encode(tooltip=_tooltips(with_interval), **at, **encode),
            hollow.encode(tooltip=_tooltips(without), **at, **encode),
        ]


def _ticks(low: float, high: float) -> list[float]:
    """About five round values from low to high."""
    magnitude = 10.0 ** math.floor(math.log10((high - low) / 5))
    step = magnitude * next(factor for factor in (1, 2, 5, 10) if factor * magnitude >= (high - low) / 6)
    return [round(position * step, 6) for position in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _layout(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with what only the drawing needs: wrapped label, where the value is written, and the text."""
    marks = frame["status_marks"].where(frame["status_marks"] == "", " " + frame["status_marks"])
    return frame.assign(
        row=_wrapped(frame["label"]),
        text_at=frame["ci_upper"].fillna(frame["observation_value"]),
        text_low=frame["ci_lower"].fillna(frame["observation_value"]),
        mark_text=frame["value_text"] + marks,
        has_interval=frame["ci_lower"].notna(),
        zero=0.0,
    )


@chart
def dots(
    frame: pd.DataFrame, look: Look, *, x_title: str, colour_by: str | None = None, legend: bool = False
) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """A dot a row with its interval as whiskers and its printed value.

    `frame` has evidence rows with a `label`, in the order to be drawn; `colour_by` names a column whose values
    get a colour each. A row without a value is drawn as words where its dot would begin. Where `frame` has a column
    `is_focus`, those rows keep the accent and the others step back.
    """
    has_negative = bool((frame["observation_value"] < 0).any())
    plane = _Plane(_layout(frame), x_title, look, room_left=0.22 if has_negative else 0.0, room_right=0.34)
    encode: dict[str, Any]
    if colour_by:
        palette = alt.Scale(domain=list(dict.fromkeys(frame[colour_by].dropna())), range=OKABE_ITO)
        named = alt.Legend(columns=1, symbolOpacity=1) if legend else None
        encode = {"color": alt.Color(f"{colour_by}:N", scale=palette, legend=named)}
    elif "is_focus" in frame:
        encode = {"color": alt.condition("datum.is_focus", alt.value(look.accent), alt.value(look.quiet))}
    else:
        encode = {"color": alt.ColorValue(look.accent)}
    valued = alt.Chart().transform_filter("isValid(datum.observation_value)")
    missing = alt.Chart().transform_filter("!isValid(datum.observation_value)")
    stem = valued.mark_rule(opacity=0.3, strokeWidth=2)
    layers = [
        stem.encode(x=plane.x("zero"), x2=alt.X2("observation_value:Q"), y=plane.y, **encode),
        *plane.marks(valued, encode),
        *plane.values(valued),
        plane.text(missing, "zero", "left", field="value_text", fontStyle="italic"),
    ]
    return layers, plane.data, _height(plane.data["row"], 120 if legend else 70)


def _beside(data: pd.DataFrame) -> pd.DataFrame:
    """The rows with the values of a pair written outside both intervals; of a pair without any value, at zero."""
    pair = data["row"]
    left = data["ci_lower"].fillna(data["observation_value"]).groupby(pair).transform("min")
    right = data["text_at"].groupby(pair).transform("max")
    return data.assign(text_left=left.fillna(0.0), text_at=right)


@chart
def pairs(
    frame: pd.DataFrame, look: Look, *, x_title: str, change_title: str | None = None
) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """A dumbbell a row: two values of one measure joined by a line, told apart by colour and shape.

    `frame` has evidence rows with `label`, `series` and `is_upper` (whether it is the larger of its row); with
    `change_title`, the column `change` is written at the right edge.
    """
    plane = _Plane(_beside(_layout(frame)), x_title, look, room_left=0.28, room_right=0.4)
    order, legend = list(dict.fromkeys(frame["series"])), alt.Legend(columns=1, symbolOpacity=1)
    colours = alt.Scale(domain=order, range=[OKABE_ITO[5], look.accent])
    shapes = alt.Scale(domain=order, range=["circle", "diamond"])
    encode = {
        "color": alt.Color("series:N", scale=colours, legend=legend),
        "shape": alt.Shape("series:N", scale=shapes, legend=legend),
    }
    if plane.data["has_interval"].any():
        return _side_by_side(plane, encode, order, change_title)
    joint = alt.Chart().mark_rule(strokeWidth=2, color=look.quiet, opacity=0.7)
    layers = [
        joint.encode(x=plane.x("min(observation_value)"), x2=alt.X2("max(observation_value):Q"), y=plane.y),
        *plane.marks(alt.Chart(), encode),
        plane.text(alt.Chart().transform_filter("datum.is_upper"), "text_at", "left"),
        plane.text(alt.Chart().transform_filter("!datum.is_upper"), "text_left", "right"),
    ]
    if change_title:
        layers += _change_column(plane, change_title)
    return layers, plane.data.assign(edge=plane.domain[1]), _height(plane.data["row"], 120)


def _side_by_side(
    plane: _Plane, encode: dict, order: list[str], change_title: str | None
) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """The same where there are intervals: those of a label one below the other, so that none hides another."""
    plane = replace(plane, data=_layout(plane.data))
    half = {"yOffset": alt.YOffset("series:N", sort=order, scale=alt.Scale(domain=order, range=[-10, 10]))}
    layers = plane.marks(alt.Chart(), encode | half)
    layers[0] = layers[0].encode(**half)
    layers += [text.encode(**half) for text in plane.values(alt.Chart())]
    missing = alt.Chart().transform_filter("!isValid(datum.observation_value)")
    layers.append(plane.text(missing, "zero", "left", field="value_text", fontStyle="italic").encode(**half))
    if change_title:
        layers += _change_column(plane, change_title)
    height = int(_height(plane.data["row"], 120) + 18 * plane.data["row"].nunique())
    return layers, plane.data.assign(edge=plane.domain[1]), height


@chart
def love(frame: pd.DataFrame, look: Look, *, x_title: str) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """A love plot: a row a term, its standardised difference before and after matching (`series`), with lines at
    zero and at plus and minus a tenth of a standard deviation."""
    plane = _Plane(_layout(frame), x_title, look, room_left=0.1, room_right=0.1, within=(-0.15, 0.15))
    order, legend = list(dict.fromkeys(frame["series"])), alt.Legend(columns=2, symbolOpacity=1)
    encode = {
        "color": alt.Color("series:N", scale=alt.Scale(domain=order, range=[OKABE_ITO[5], look.accent]), legend=legend),
        "shape": alt.Shape("series:N", scale=alt.Scale(domain=order, range=["circle", "diamond"]), legend=legend),
    }
    guides = alt.Chart(pd.DataFrame({"zero": [-0.1, 0.1]})).mark_rule(strokeDash=[4, 4], color=look.quiet)
    zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=look.ink)
    joint = alt.Chart().mark_rule(strokeWidth=2, color=look.quiet, opacity=0.7)
    point = alt.Chart().mark_point(filled=False, fill=look.paper, size=95, strokeWidth=2.5, opacity=1)
    at = {"x": plane.x("observation_value"), "y": plane.y, "tooltip": _tooltips(plane.data)}
    layers = [
        guides.encode(x=plane.x("zero")),
        zero.encode(x=plane.x("zero")),
        joint.encode(x=plane.x("min(observation_value)"), x2=alt.X2("max(observation_value):Q"), y=plane.y),
        point.encode(**at, **encode),
    ]
    return layers, plane.data, _height(plane.data["row"], 120)


def _change_column(plane: _Plane, title: str) -> list[alt.Chart]:
    """The change of each row, written as a column at the right edge, with a heading above the plot."""
    changed = alt.Chart().transform_filter("isValid(datum.change)")
    heading = alt.Chart(pd.DataFrame({"heading": [title], "edge": [plane.domain[1]]}))
    text = changed.mark_text(align="right", fontSize=13, color=plane.look.ink)
    return [
        text.encode(x=plane.x("edge"), y=plane.y, text=alt.Text("change:Q", format="+.1f"), tooltip=NO_TOOLTIP),
        heading.mark_text(align="right", fontSize=12, color=plane.look.ink).encode(
            x=plane.x("edge"), y=alt.YValue(-8), text=alt.Text("heading:N"), tooltip=NO_TOOLTIP
        ),
    ]


@chart
def diverging(frame: pd.DataFrame, look: Look) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """One stacked bar around the middle of the answers, an even number of them in their order."""
    order = list(frame["label"])
    running = frame["observation_value"].cumsum()
    half = len(frame) // 2
    end = running - (running.iloc[half - 2] + running.iloc[half]) / 2
    data = frame.assign(bar_start=end - frame["observation_value"], bar_end=end)
    data["middle"] = (data["bar_start"] + data["bar_end"]) / 2
    edge = max(abs(data["bar_start"].min()), abs(data["bar_end"].max())) * 1.02
    axis = alt.Axis(title=None, labels=False, ticks=False, grid=False, domain=False)
    x = alt.X("bar_start:Q", scale=alt.Scale(domain=[-edge, edge], nice=False), axis=axis)
    colour = alt.Color("label:N", scale=alt.Scale(domain=order, range=DIVERGING), sort=order)
    legend = alt.Legend(orient="bottom", columns=2, symbolType="square")
    bar = (
        alt.Chart()
        .mark_bar(height=56, stroke=look.paper, strokeWidth=1)
        .encode(x=x, x2=alt.X2("bar_end:Q"), color=colour.legend(legend), tooltip=_tooltips(frame))
    )
    text = (
        alt.Chart()
        .transform_filter("datum.observation_value >= 8")
        .mark_text(fontSize=13, color="#101820")
        .encode(x=alt.X("middle:Q", axis=axis), text=alt.Text("value_text:N"))
    )
    return [bar, text], data, 200


@chart
def counts(frame: pd.DataFrame, look: Look, *, x_title: str) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """A bar a row for plain counts (which have no sampling error); `frame` has `label` and `observation_value`."""
    data = frame.assign(row=_wrapped(frame["label"]), mark_text=frame["value_text"] + f" {HOLLOW}")
    scale = alt.Scale(domain=[0, float(frame["observation_value"].max()) * 1.15], nice=False)
    y = _rows_axis(list(data["row"]))
    axis = alt.Axis(title=x_title, format="d", tickMinStep=1, tickCount=5, domain=False)
    x = alt.X("observation_value:Q", scale=scale, axis=axis)
    bars = alt.Chart().mark_bar(height=22, color=look.accent).encode(x=x, y=y)
    text = alt.Chart().mark_text(align="left", dx=8, fontSize=13, color=look.ink)
    return [bars, text.encode(x=x, y=y, text=alt.Text("mark_text:N"))], data, _height(data["row"], 70)


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the line below the value of a cell: its interval, or the hollow mark where there is none."""
    marks = frame["status_marks"].where(frame["status_marks"] == "", " " + frame["status_marks"])
    return frame.assign(
        mark_text=frame["value_text"] + marks,
        below=[
            ("" if pd.isna(value) else HOLLOW) if pd.isna(low) else t("from_to", low=number(low), high=number(high))
            for value, low, high in zip(frame["observation_value"], frame["ci_lower"], frame["ci_upper"], strict=True)
        ],
    )


def _shaded(scale: alt.Scale, look: Look, **at: Any) -> list[alt.Chart]:
    """Cells shaded by value, each with its printed value and its interval or hollow mark."""
    shade = alt.Color("observation_value:Q", scale=scale, legend=None)
    box = alt.Chart().mark_rect(stroke=look.paper, strokeWidth=3, cornerRadius=4)
    value = alt.Chart().mark_text(fontSize=14, fontWeight="bold", color="#101820", dy=-2)
    below = alt.Chart().mark_text(fontSize=11, color="#101820", dy=15)
    return [
        box.encode(color=shade, **at),
        value.encode(text=alt.Text("mark_text:N"), **at),
        below.encode(text=alt.Text("below:N"), **at),
    ]


@chart
def heatmap(frame: pd.DataFrame, look: Look) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """A cell for each pair of `label` (rows) and `series` (columns), in their order; an empty cell has no figure."""
    data = _cells(frame).assign(row=_wrapped(frame["label"]))
    columns = list(dict.fromkeys(frame["series"]))
    axis = alt.Axis(title=None, orient="top", labelAngle=0, ticks=False, domain=False, labelLimit=120)
    # Headers wrap at every space, so that they stand whole on a telephone, too.
    axis.labelExpr = "split(datum.label, ' ')"
    axis.labelOverlap = False
    x = alt.X("series:N", sort=columns, axis=axis)
    # Light enough at the top for dark words in both themes.
    scale = alt.Scale(domainMin=0, range=["#E8F1F8", "#56B4E9"])
    layers = _shaded(scale, look, x=x, y=_rows_axis(list(dict.fromkeys(data["row"]))), tooltip=_tooltips(frame))
    words = max(len(name.split()) for name in columns)
    return layers, data, int(data["row"].nunique() * 52 + 40 + 16 * words)


@chart
def tiles(frame: pd.DataFrame, look: Look) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """A tile for each region where it lies on the map: `tile_row` from the north, `tile_column` from the west."""
    data = _cells(frame)
    reach = max(1.0, float(frame["observation_value"].abs().max()))
    scale = alt.Scale(domain=[-reach, 0, reach], range=["#E39A5F", "#F3F4F6", "#56B4E9"], interpolate="rgb")
    x = alt.X("tile_column:O", axis=None)
    y = alt.Y("tile_row:O", axis=None)
    name = alt.Chart().mark_text(fontSize=12, color="#101820", dy=-22)
    layers = _shaded(scale, look, x=x, y=y, tooltip=_tooltips(frame))
    return [*layers, name.encode(x=x, y=y, text=alt.Text("label:N"))], data, int(data["tile_row"].max() * 92)


# Pixels of the plot of series over time, of a line of the legend, and between two values printed at one period.
PERIODS_HEIGHT, LEGEND_LINE, VALUE_LINE = 330, 31, 16
SHAPES = ["circle", "diamond", "square", "triangle-up", "triangle-down", "cross", "triangle-right"]


def _apart(frame: pd.DataFrame, top: float) -> pd.Series:
    """Where the value of each row is printed: at each period the lowest below its mark, the others above theirs and
    above the value before."""
    step = top * VALUE_LINE / PERIODS_HEIGHT
    at = pd.Series(0.0, index=frame.index)
    for _, group in frame.dropna(subset=["observation_value"]).groupby("place"):
        rows = group.sort_values("observation_value", kind="stable")
        upper, lower = (
            rows["ci_upper"].fillna(rows["observation_value"]),
            rows["ci_lower"].fillna(rows["observation_value"]),
        )
        last = -math.inf
        for key in rows.index if len(rows) == 1 else rows.index[1:]:
            last = max(float(upper[key]) + step, last + step)
            at[key] = last
        if len(rows) > 1:
            at[rows.index[0]] = float(lower.iloc[0]) - step
    return at


@chart
def periods(
    frame: pd.DataFrame, look: Look, *, y_title: str, breaks: pd.DataFrame
) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """Series over time: a mark a figure, a line only between two periods that may be compared, breaks as gaps.

    `frame` has evidence rows with `label` (the series), `place` on an axis of years, and `from_place` and `from_value`
    where a line may begin. `breaks` has `place`, `letter` and `words`: a dashed line with its letter stands in the gap.
    """
    data = _layout(frame)
    # The axis says per cent.
    data = data.assign(mark_text=data["mark_text"].str.replace(r"\s?%", "", regex=True))
    top = 1.16 * max(1.0, float(data[["observation_value", "ci_upper"]].max().max()))
    data = data.assign(text_at=_apart(data, top))
    top = max(top, 1.08 * float(data["text_at"].max()))
    order = list(dict.fromkeys(data["label"]))
    years = range(math.floor(data["place"].min()), math.floor(data["place"].max()) + 1)
    skipped = max(1, math.ceil(len(years) / 12))
    scale = alt.Scale(domain=[data["place"].min() - 0.45, data["place"].max() + 0.45], nice=False, zero=False)
    axis = alt.Axis(title=None, values=list(years)[::skipped], format="d", grid=False, tickSize=4)
    height = alt.Scale(domain=[min(0.0, float(data["text_at"].min())), top], nice=False)
    side = alt.Axis(title=y_title, values=_ticks(0, top), gridOpacity=0.5, domain=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=height, axis=side)

    legend = alt.Legend(columns=1, symbolOpacity=1)
    encode = {
        "color": alt.Color("label:N", scale=alt.Scale(domain=order, range=OKABE_ITO), legend=legend),
        "shape": alt.Shape("label:N", scale=alt.Scale(domain=order, range=SHAPES), legend=legend),
    }
    valued = alt.Chart().transform_filter("isValid(datum.observation_value)")
    known, unknown = (valued.transform_filter(f"{sign}datum.has_interval") for sign in ("", "!"))
    at = {"x": x("place"), "y": y("observation_value")}
    with_interval, without = _by_interval(data)
    filled = known.mark_point(filled=True, size=110, opacity=1)
    hollow = unknown.mark_point(filled=False, fill=look.paper, size=95, strokeWidth=2.5, opacity=1)
    joined = valued.transform_filter("isValid(datum.from_place)").mark_rule(strokeWidth=2.5)
    text = valued.mark_text(fontSize=12, color=look.ink)
    layers = [
        *_gaps(breaks, look, x),
        joined.encode(
            x=x("from_place"),
            x2=alt.X2("place:Q"),
            y=y("from_value"),
            y2=alt.Y2("observation_value:Q"),
            color=encode["color"],
        ),
        known.mark_rule(strokeWidth=3).encode(
            x=x("place"), y=y("ci_lower"), y2=alt.Y2("ci_upper:Q"), color=encode["color"]
        ),
        filled.encode(tooltip=_tooltips(with_interval), **at, **encode),
        hollow.encode(tooltip=_tooltips(without), **at, **encode),
        text.encode(x=x("place"), y=y("text_at"), text=alt.Text("mark_text:N"), tooltip=NO_TOOLTIP),
    ]
    return layers, data, PERIODS_HEIGHT + 60 + LEGEND_LINE * len(order)


def _gaps(breaks: pd.DataFrame, look: Look, x: Callable[[str], alt.X]) -> list[alt.Chart]:
    """A dashed line in each gap, with the letters of the breaks that lie there."""
    if breaks.empty:
        return []
    lines = breaks.groupby("place", as_index=False).agg({"letter": " ".join, "words": " ".join})
    base = alt.Chart(lines[["place", "letter", "words"]])
    told = [alt.Tooltip("letter:N", title=t("break")), alt.Tooltip("words:N", title=t("break_what"))]
    line = base.mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=look.quiet)
    letter = base.mark_text(fontSize=13, fontWeight="bold", color=look.ink, baseline="bottom")
    return [
        line.encode(x=x("place"), tooltip=told),
        letter.encode(x=x("place"), y=alt.YValue(-3), text=alt.Text("letter:N"), tooltip=told),
    ]


@chart
def bounds(frame: pd.DataFrame, look: Look, *, x_title: str) -> tuple[list[alt.Chart], pd.DataFrame, int]:
    """A bar a row from the least to the greatest value that is possible; a tick where an earlier figure lies.

    `frame` has `label`, `bound_lower`, `bound_upper`, `value_text`, and `compared_value` with `compared_text`.
    """
    data = _layout(frame.assign(ci_lower=frame["bound_lower"], ci_upper=frame["bound_upper"]))
    plane = _Plane(data, x_title, look, room_left=0.02, room_right=0.04)
    rows = alt.Chart()
    bar = rows.mark_rule(strokeWidth=12, opacity=0.55, color=look.accent)
    tick = rows.transform_filter("isValid(datum.compared_value)").mark_tick(thickness=3, size=26, color=look.ink)
    layers = [
        bar.encode(x=plane.x("bound_lower"), x2=alt.X2("bound_upper:Q"), y=plane.y, tooltip=_tooltips(frame)),
        tick.encode(
            x=plane.x("compared_value"),
            y=plane.y,
            tooltip=alt.Tooltip("compared_text:N", title=t("compared")) if frame["compared_text"].any() else NO_TOOLTIP,
        ),
        rows.mark_text(align="left", dy=-17, fontSize=13, color=look.ink).encode(
            x=plane.x("zero"), y=plane.y, text=alt.Text("mark_text:N"), tooltip=NO_TOOLTIP
        ),
    ]
    return layers, data, _height(data["row"], 70) + 10 * len(data)
