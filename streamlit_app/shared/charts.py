"""Altair charts with one grammar: a filled dot has an interval, a hollow dot has none. Colour-blind safe."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import altair as alt
import pandas as pd
import streamlit as st

from shared.text import language, t

# Okabe and Ito (2008), without the yellow that vanishes on white; grey stands in for their black.
OKABE_ITO = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A7F87"]
DIVERGING = ["#B34700", "#E39A5F", "#A9AFB6", "#C9CDD2", "#7DBCE3", "#0072B2"]
DANISH = alt.NumberLocale(decimal=",", thousands=".", grouping=[3], currency=["", " kr."])
ENGLISH = alt.NumberLocale(decimal=".", thousands=",", grouping=[3], currency=["DKK ", ""])
LABEL_WIDTH = 25


def _is_dark() -> bool:
    """Whether the reader's theme is dark; the browser says so a moment after the first run."""
    return st.context.theme.type == "dark"


def _ink() -> str:
    return "#E4E8EC" if _is_dark() else "#1F2933"


def _paper() -> str:
    """The page's background: a hollow dot is filled with it, so that the line behind does not show through."""
    return "#12171C" if _is_dark() else "#FFFFFF"


def _colour() -> str:
    return OKABE_ITO[4] if _is_dark() else OKABE_ITO[0]


def _wrapped(labels: pd.Series) -> pd.Series:
    return labels.map(lambda label: "\n".join(textwrap.wrap(str(label), LABEL_WIDTH)) or " ")


def finish(chart: alt.LayerChart, height: int) -> alt.LayerChart:
    """The look all charts share: number format of the language, quiet axes, no frame."""
    locale = alt.Locale(number=DANISH if language() == "da" else ENGLISH)
    return (
        chart.properties(height=height)
        .configure(locale=locale)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=13, titleFontSize=12, titleFontWeight="normal", labelColor=_ink())
        .configure_legend(orient="top", title=None, labelFontSize=13, labelLimit=0, labelColor=_ink())
    )


def _tooltips(frame: pd.DataFrame) -> list[alt.Tooltip]:
    names = ["label", "series", "value_text", "ci_lower", "ci_upper", "sample_size", "base_population", "survey_wave"]
    names += ["observation_status_label", "source_line"]
    numbers = {"ci_lower": ".1f", "ci_upper": ".1f", "sample_size": ",d"}
    return [
        alt.Tooltip(f"{name}:{'Q' if name in numbers else 'N'}", title=t(f"col_{name}"), format=numbers.get(name, ""))
        for name in names
        if name in frame and frame[name].notna().any()
    ]


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
    room_left: float
    room_right: float

    @property
    def rows(self) -> alt.Chart:
        return alt.Chart(self.data)

    @property
    def reach(self) -> tuple[float, float]:
        """The smallest and the largest value drawn; zero is always within."""
        values = self.data[["observation_value", "ci_lower", "ci_upper"]].stack()
        return min(0.0, values.min()), max(1.0, values.max())

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

    def text(self, rows: alt.Chart, at: str, align: str, field: str = "mark_text", **style: object) -> alt.Chart:
        """Words beside a mark."""
        mark = rows.mark_text(align=align, dx=11 if align == "left" else -11, fontSize=13, color=_ink(), **style)
        return mark.encode(x=self.x(at), y=self.y, text=f"{field}:N")

    def marks(self, rows: alt.Chart, encode: dict) -> list[alt.Chart]:
        """Interval lines; filled dots where there is an interval, hollow ones where there is none."""
        known = rows.transform_filter("datum.has_interval")
        unknown = rows.transform_filter("!datum.has_interval")
        line = known.mark_rule(strokeWidth=3).encode(
            x=self.x("ci_lower"), x2="ci_upper:Q", y=self.y, color=encode["color"]
        )
        filled = known.mark_point(filled=True, size=110, opacity=1)
        hollow = unknown.mark_point(filled=False, fill=_paper(), size=95, strokeWidth=2.5, opacity=1)
        at = {"x": self.x("observation_value"), "y": self.y, "tooltip": _tooltips(self.data)}
        return [line, filled.encode(**at, **encode), hollow.encode(**at, **encode)]


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
        mark_text=frame["value_text"] + marks,
        has_interval=frame["ci_lower"].notna(),
        zero=0.0,
    )


def dots(frame: pd.DataFrame, x_title: str, *, colour_by: str | None = None) -> alt.LayerChart:
    """A dot a row with its interval as whiskers and its printed value.

    `frame` has evidence rows with a `label`, in the order to be drawn; `colour_by` names a column whose values
    get a colour each. A row without a value is drawn as words where its dot would begin.
    """
    plane = _Plane(_layout(frame), x_title, room_left=0.0, room_right=0.34)
    if colour_by:
        palette = alt.Scale(domain=list(dict.fromkeys(frame[colour_by].dropna())), range=OKABE_ITO)
        encode = {"color": alt.Color(f"{colour_by}:N", scale=palette, legend=None)}
    else:
        encode = {"color": alt.value(_colour())}
    valued = plane.rows.transform_filter("isValid(datum.observation_value)")
    missing = plane.rows.transform_filter("!isValid(datum.observation_value)")
    stem = valued.mark_rule(opacity=0.3, strokeWidth=2)
    layers = [
        stem.encode(x=plane.x("zero"), x2="observation_value:Q", y=plane.y, **encode),
        *plane.marks(valued, encode),
        plane.text(valued, "text_at", "left"),
        plane.text(missing, "zero", "left", field="value_text", fontStyle="italic"),
    ]
    return finish(alt.layer(*layers), _height(plane.data["row"], 70))


def pairs(frame: pd.DataFrame, x_title: str, *, change_title: str | None = None) -> alt.LayerChart:
    """A dumbbell a row: two values of one measure joined by a line, told apart by colour and shape.

    `frame` has evidence rows with `label`, `series` and `is_upper` (whether it is the larger of its row); with
    `change_title`, the column `change` is written at the right edge.
    """
    plane = _Plane(_layout(frame), x_title, room_left=0.22, room_right=0.4 if change_title else 0.25)
    order, legend = list(dict.fromkeys(frame["series"])), alt.Legend(direction="horizontal", columns=2)
    colours = alt.Scale(domain=order, range=[OKABE_ITO[5], _colour()])
    shapes = alt.Scale(domain=order, range=["circle", "diamond"])
    encode = {
        "color": alt.Color("series:N", scale=colours, legend=legend),
        "shape": alt.Shape("series:N", scale=shapes, legend=legend),
    }
    joint = plane.rows.mark_rule(strokeWidth=2, color="#8A9099", opacity=0.7)
    layers = [
        joint.encode(x=plane.x("min(observation_value)"), x2="max(observation_value):Q", y=plane.y),
        *plane.marks(plane.rows, encode),
        plane.text(plane.rows.transform_filter("datum.is_upper"), "text_at", "left"),
        plane.text(plane.rows.transform_filter("!datum.is_upper"), "observation_value", "right"),
    ]
    if change_title:
        layers += _change_column(plane, change_title)
    return finish(alt.layer(*layers), _height(plane.data["row"], 120))


def _change_column(plane: _Plane, title: str) -> list[alt.Chart]:
    """The change of each row, written as a column at the right edge, with a heading above the plot."""
    changed = alt.Chart(plane.data.assign(edge=plane.domain[1])).transform_filter("isValid(datum.change)")
    heading = alt.Chart(pd.DataFrame({"heading": [title], "edge": [plane.domain[1]]}))
    text = changed.mark_text(align="right", fontSize=13, fontWeight="bold", color=_ink())
    return [
        text.encode(x=plane.x("edge"), y=plane.y, text=alt.Text("change:Q", format="+.1f")),
        heading.mark_text(align="right", fontSize=12, color=_ink()).encode(
            x=plane.x("edge"), y=alt.value(-8), text="heading:N"
        ),
    ]


def diverging(frame: pd.DataFrame) -> alt.LayerChart:
    """One stacked bar around the middle of `unchanged`; `frame` has `label`, `bar_start` and `bar_end` in order."""
    order = list(frame["label"])
    edge = max(abs(frame["bar_start"].min()), abs(frame["bar_end"].max())) * 1.02
    axis = alt.Axis(title=None, labels=False, ticks=False, grid=False, domain=False)
    x = alt.X("bar_start:Q", scale=alt.Scale(domain=[-edge, edge], nice=False), axis=axis)
    colour = alt.Color("label:N", scale=alt.Scale(domain=order, range=DIVERGING), sort=order)
    legend = alt.Legend(orient="bottom", columns=2, symbolType="square")
    bar = (
        alt.Chart(frame)
        .mark_bar(height=56, stroke=_paper(), strokeWidth=1)
        .encode(x=x, x2="bar_end:Q", color=colour.legend(legend), tooltip=_tooltips(frame))
    )
    middle = alt.Chart(frame.assign(middle=(frame["bar_start"] + frame["bar_end"]) / 2))
    text = (
        middle.transform_filter("datum.observation_value >= 8")
        .mark_text(fontSize=13, color="#1F2933")
        .encode(x=alt.X("middle:Q", axis=axis), text="value_text:N")
    )
    return finish(alt.layer(bar, text), 200)


def counts(frame: pd.DataFrame, x_title: str) -> alt.LayerChart:
    """A bar a row for plain counts (which have no sampling error); `frame` has `label` and `count`."""
    data = frame.assign(row=_wrapped(frame["label"]))
    scale = alt.Scale(domain=[0, float(frame["count"].max()) * 1.15], nice=False)
    y = _rows_axis(list(data["row"]))
    x = alt.X(
        "count:Q", scale=scale, axis=alt.Axis(title=x_title, format="d", tickMinStep=1, tickCount=5, domain=False)
    )
    bars = alt.Chart(data).mark_bar(height=22, color=_colour()).encode(x=x, y=y)
    text = alt.Chart(data).mark_text(align="left", dx=8, fontSize=13, color=_ink()).encode(x=x, y=y, text="count:Q")
    return finish(alt.layer(bars, text), _height(data["row"], 70))
