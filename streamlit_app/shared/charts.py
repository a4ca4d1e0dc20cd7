"""Altair charts with one grammar: a filled dot has an interval, a hollow dot has none. Colour-blind safe."""

from __future__ import annotations

import textwrap

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
ROW_HEIGHT = 42


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


def _rows_axis(order: list[str]) -> alt.Y:
    axis = alt.Axis(
        title=None, ticks=False, domain=False, labelExpr="split(datum.label, '\\n')", labelLimit=230, labelPadding=8
    )
    return alt.Y("row:N", sort=order, axis=axis)


def _value_axis(frame: pd.DataFrame, room: float) -> alt.Scale:
    """A scale from zero (or below) with room to the right for the printed value."""
    values = pd.concat([frame["observation_value"], frame["ci_lower"], frame["ci_upper"]]).dropna()
    low, high = min(0.0, values.min()), max(1.0, values.max())
    span = high - low
    return alt.Scale(domain=[low - (0.12 * span if low < 0 else 0), high + room * span], nice=False, zero=False)


def _x(field: str, scale: alt.Scale, title: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, tickCount=5, gridOpacity=0.5, domain=False))


def _layout(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with what only the drawing needs: wrapped label, where the value is written, and the text."""
    return frame.assign(
        row=_wrapped(frame["label"]),
        text_at=frame["ci_upper"].fillna(frame["observation_value"]),
        mark_text=frame["value_text"] + frame["status_marks"].where(frame["status_marks"] == "", " " + frame["status_marks"]),
        has_interval=frame["ci_lower"].notna(),
        zero=0.0,
    )


def _dots(rows: alt.Chart, x: alt.X, y: alt.Y, encode: dict, tooltip: list[alt.Tooltip]) -> list[alt.Chart]:
    """Filled dots where there is an interval, hollow ones where there is none."""
    filled = rows.transform_filter("datum.has_interval").mark_point(filled=True, size=110, opacity=1)
    hollow = rows.transform_filter("!datum.has_interval").mark_point(
        filled=False, fill=_paper(), size=95, strokeWidth=2.5, opacity=1
    )
    return [part.encode(x=x, y=y, tooltip=tooltip, **encode) for part in (filled, hollow)]


def dots(frame: pd.DataFrame, x_title: str, *, colour_by: str | None = None, room: float = 0.3) -> alt.LayerChart:
    """A dot a row with its interval as whiskers and its printed value.

    `frame` has evidence rows with a `label`, in the order to be drawn; `colour_by` names a column whose values
    get a colour each. Rows without a value are drawn as a line of text.
    """
    data = _layout(frame)
    rows, scale = alt.Chart(data), _value_axis(frame, room)
    y, tooltip = _rows_axis(list(dict.fromkeys(data["row"]))), _tooltips(frame)
    if colour_by:
        palette = alt.Scale(domain=list(dict.fromkeys(data[colour_by].dropna())), range=OKABE_ITO)
        encode = {"color": alt.Color(f"{colour_by}:N", scale=palette, legend=None)}
    else:
        encode = {"color": alt.value(_colour())}
    valued = rows.transform_filter("isValid(datum.observation_value)")
    missing = rows.transform_filter("!isValid(datum.observation_value)")
    layers = [
        valued.mark_rule(opacity=0.3, strokeWidth=2).encode(
            x=_x("zero", scale, x_title), x2="observation_value:Q", y=y, **encode
        ),
        valued.transform_filter("datum.has_interval")
        .mark_rule(strokeWidth=3)
        .encode(x=_x("ci_lower", scale, x_title), x2="ci_upper:Q", y=y, **encode),
        *_dots(valued, _x("observation_value", scale, x_title), y, encode, tooltip),
        valued.mark_text(align="left", dx=10, fontSize=13, color=_ink()).encode(
            x=_x("text_at", scale, x_title), y=y, text="mark_text:N"
        ),
        missing.mark_text(align="left", dx=4, fontSize=13, fontStyle="italic", color=_ink()).encode(
            x=_x("zero", scale, x_title), y=y, text="value_text:N"
        ),
    ]
    return finish(alt.layer(*layers), ROW_HEIGHT * data["row"].nunique() + 50)


def pairs(frame: pd.DataFrame, x_title: str, *, change_title: str | None = None) -> alt.LayerChart:
    """A dumbbell a row: two values of one measure joined by a line, told apart by colour and shape.

    `frame` has evidence rows with `label`, `series` and `is_upper` (whether it is the larger of its row); with
    `change_title`, the column `change` is written at the right edge.
    """
    data = _layout(frame)
    rows, scale = alt.Chart(data), _value_axis(frame, 0.5 if change_title else 0.25)
    # A value left of the smaller dot needs room of its own.
    low, high = scale.domain
    scale = alt.Scale(domain=[low - 0.1 * (high - low), high], nice=False, zero=False)
    y, tooltip = _rows_axis(list(dict.fromkeys(data["row"]))), _tooltips(frame)
    order = list(dict.fromkeys(data["series"]))
    legend = alt.Legend(direction="horizontal", columns=2)
    encode = {
        "color": alt.Color("series:N", scale=alt.Scale(domain=order, range=[OKABE_ITO[5], _colour()]), legend=legend),
        "shape": alt.Shape("series:N", scale=alt.Scale(domain=order, range=["circle", "diamond"]), legend=legend),
    }
    x = _x("observation_value", scale, x_title)
    layers = [
        rows.mark_rule(strokeWidth=2, color="#8A9099", opacity=0.7).encode(
            x=alt.X("min(observation_value):Q", scale=scale, axis=x.axis), x2="max(observation_value):Q", y=y
        ),
        rows.transform_filter("datum.has_interval")
        .mark_rule(strokeWidth=3)
        .encode(x=_x("ci_lower", scale, x_title), x2="ci_upper:Q", y=y, color=encode["color"]),
        *_dots(rows, x, y, encode, tooltip),
        rows.transform_filter("datum.is_upper")
        .mark_text(align="left", dx=11, fontSize=13, color=_ink())
        .encode(x=_x("text_at", scale, x_title), y=y, text="mark_text:N"),
        rows.transform_filter("!datum.is_upper")
        .mark_text(align="right", dx=-11, fontSize=13, color=_ink())
        .encode(x=x, y=y, text="mark_text:N"),
    ]
    if change_title:
        layers += _change_column(rows, scale, y, change_title, high)
    return finish(alt.layer(*layers), ROW_HEIGHT * data["row"].nunique() + 80)


def _change_column(rows: alt.Chart, scale: alt.Scale, y: alt.Y, title: str, edge: float) -> list[alt.Chart]:
    """The change of each row, written as a column at the right edge, with a heading above the plot."""
    at = alt.XDatum(edge, scale=scale)
    changed = rows.transform_filter("isValid(datum.change)")
    text = changed.mark_text(align="right", fontSize=13, fontWeight="bold", color=_ink())
    heading = alt.Chart(pd.DataFrame({"heading": [title]})).mark_text(align="right", fontSize=12, color=_ink())
    return [
        text.encode(x=at, y=y, text=alt.Text("change:Q", format="+.1f")),
        heading.encode(x=at, y=alt.value(-8), text="heading:N"),
    ]


def diverging(frame: pd.DataFrame, x_title: str) -> alt.LayerChart:
    """One stacked bar around the middle of `unchanged`; `frame` has `label`, `bar_start` and `bar_end` in order."""
    order = list(frame["label"])
    edge = max(abs(frame["bar_start"].min()), abs(frame["bar_end"].max())) * 1.02
    axis = alt.Axis(title=x_title, labels=False, ticks=False, grid=False, domain=False)
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
    return finish(alt.layer(bar, text), 190)


def counts(frame: pd.DataFrame, x_title: str) -> alt.LayerChart:
    """A bar a row for plain counts (which have no sampling error); `frame` has `label` and `count`."""
    data = frame.assign(row=_wrapped(frame["label"]))
    scale = alt.Scale(domain=[0, float(frame["count"].max()) * 1.15], nice=False)
    y = _rows_axis(list(data["row"]))
    x = alt.X("count:Q", scale=scale, axis=alt.Axis(title=x_title, format="d", tickMinStep=1, tickCount=5, domain=False))
    bars = alt.Chart(data).mark_bar(height=22, color=_colour()).encode(x=x, y=y)
    text = alt.Chart(data).mark_text(align="left", dx=8, fontSize=13, color=_ink()).encode(x=x, y=y, text="count:Q")
    return finish(alt.layer(bars, text), ROW_HEIGHT * len(data) + 50)
