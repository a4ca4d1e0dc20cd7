"""The frame around every figure: title, base and n, chart and table of the same rows, download and source."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from shared import data
from shared.text import lower_first, number, t

PUBLICATIONS = "select publication_id, citation as publication_citation from marts.dim_publications"

# What the table beside a chart shows, in this order, where the rows have it.
TABLE_COLUMNS = [
    "label", "series", "value_text", "change", "change_rounding_half_width", "ci_lower", "ci_upper", "sample_size",
    "interval_note", "observation_status_label", "group_title", "base_population", "survey_wave", "source_section",
    "source_line",
]  # fmt: skip
# What only the drawing needs stays out of the download.
DRAWING_COLUMNS = ["status_marks", "is_upper", "bar_start", "bar_end"]


def subtitle(frame: pd.DataFrame) -> str:
    """Base population, wave and n of the rows, or that n is not published."""
    parts = []
    for column in ("base_population", "survey_wave"):
        names = list(dict.fromkeys(frame[column].dropna()))
        if column == "base_population" and len(names) > 2:
            parts.append(t("several_bases"))
        elif len(names) <= 2:
            parts.append(" / ".join(names))
    return " · ".join([*parts, _sample_size(frame)])


def _sample_size(frame: pd.DataFrame) -> str:
    known = frame["sample_size"].dropna()
    if known.empty:
        return t("n_none")
    low, high = number(known.min()), number(known.max())
    printed = low if low == high else f"{low}–{high}"
    if len(known) < len(frame):
        return t("n_some", n=printed, known=len(known), all=len(frame))
    return t("n_one", n=printed)


def legend(frame: pd.DataFrame) -> str:
    """What the marks in the chart mean: only those that occur."""
    valued = frame[frame["observation_value"].notna()]
    methods = valued["interval_method_label"].dropna().unique()
    reasons = valued.loc[valued["ci_lower"].isna(), "no_interval_reason_label"].dropna().unique()
    parts = []
    if len(methods):
        parts.append(t("with_interval", method="; ".join(methods)))
    if len(reasons):
        parts.append(t("without_interval", reason="; ".join(lower_first(reason) for reason in reasons)))
    marked = valued[valued["status_marks"].str.strip("¶") != ""]
    for mark, label in dict(
        zip(marked["status_marks"].str[0], marked["observation_status_label"], strict=True)
    ).items():
        parts.append(f"{mark} {label}.")
    if (valued["contradiction_count"] > 0).any():
        parts.append(t("disputed") + ".")
    if valued["is_cited_evidence"].fillna(False).astype(bool).any():
        parts.append(t("cited"))
    return " ".join(parts)


def source(frame: pd.DataFrame) -> str:
    """The publications behind the rows, with section and lines of the text file."""
    known = frame.dropna(subset=["publication_id", "source_file"])
    citations = data.query(PUBLICATIONS).set_index("publication_id")["publication_citation"]
    texts = []
    for (publication, file), rows in known.groupby(["publication_id", "source_file"], sort=False):
        sections = (
            [section for section in dict.fromkeys(rows["source_section"].dropna())] if "source_section" in rows else []
        )
        lines = sorted({int(line) for line in rows["source_line"].dropna()})
        place = f"{t('section')}: {'; '.join(sections)}. " if sections else ""
        texts.append(f"{citations[publication].rstrip('.')}. {place}{_places(lines)} ({file}).")
    return f"{t('source')}: " + " ".join(texts)


def _places(lines: list[int]) -> str:
    """The lines one by one, or how many there are where a list would be longer than the figure."""
    if len(lines) > 15:
        return t("many_lines", n=len(lines), first=lines[0], last=lines[-1])
    return t("line" if len(lines) == 1 else "lines", lines=", ".join(map(str, lines)))


def csv(frame: pd.DataFrame) -> bytes:
    """The rows as CSV (UTF-8 with a byte order mark, so that spreadsheets read Danish letters), with the release id."""
    kept = frame.drop(columns=[column for column in DRAWING_COLUMNS if column in frame])
    return kept.assign(release_id=data.release().release_id).to_csv(index=False).encode("utf-8-sig")


def download(key: str, frame: pd.DataFrame) -> None:
    """A button that saves the rows; the file is named after the figure and the release."""
    st.download_button(
        t("download"),
        data=csv(frame),
        file_name=f"{key}_{data.release().release_id}.csv",
        mime="text/csv",
        key=f"download_{key}",
        on_click="ignore",
        icon=":material/download:",
    )


def choose(label: str, names: dict[str | None, str], key: str, default: str | None = None) -> str | None:
    """A select box over codes that shows their names; returns the code."""
    options = list(names)
    return st.selectbox(
        label,
        options,
        index=options.index(default) if default in names else 0,
        format_func=lambda code: names.get(code, code),
        key=key,
    )


def table(frame: pd.DataFrame, columns: list[str], *, wide: str | None = None) -> None:
    """Rows with headings and numbers in the reader's language; figures stay numbers, so that they sort as such.

    `wide` names a column of sentences: it gets a wide column and rows of several lines. Columns without any value
    are left out.
    """
    shown = frame[[column for column in columns if column in frame and frame[column].notna().any()]]
    formats = {t(f"col_{column}"): _written(shown[column]) for column in shown.select_dtypes("number")}
    shown = shown.rename(columns={column: t(f"col_{column}") for column in shown})
    st.dataframe(
        shown.style.format(formats, na_rep="–"),
        hide_index=True,
        height="content" if len(shown) <= 15 and not wide else 560,
        row_height=84 if wide else None,
        column_config={t(f"col_{wide}"): st.column_config.TextColumn(width=380)} if wide else None,
        placeholder="–",
    )


def _written(values: pd.Series) -> Callable[[float], str]:
    """How the numbers of a column are written: lines and years without separators, counts whole, the rest with one."""
    if values.name in ("source_line", "year"):
        return lambda value: str(int(value))
    is_whole = values.name != "change" and (values.dropna() % 1 == 0).all()
    return lambda value: number(value, 0 if is_whole else 1)


def _described(title: str, frame: pd.DataFrame) -> str:
    """What the chart says, in words and numbers, for those who do not see it."""
    rows = [
        " ".join(str(row[name]) for name in ("label", "series", "value_text") if name in row and pd.notna(row[name]))
        for row in frame.to_dict("records")
    ]
    return f"{title}. {subtitle(frame)}. {'; '.join(rows)}."


def figure(
    key: str, title: str, frame: pd.DataFrame, draw: Callable[[], list[alt.LayerChart]], *, note: str | None = None
) -> None:
    """A whole figure: `draw` gives its charts; chart, table and file share the rows of `frame` (with `label`)."""
    st.subheader(title, anchor=key.replace("_", "-"))
    if frame.empty:
        st.info(t("none_found"))
        return
    st.caption(subtitle(frame))
    chart_tab, table_tab = st.tabs([t("chart"), t("table")], key=f"tabs_{key}")
    with chart_tab:
        for position, chart in enumerate(draw()):
            st.altair_chart(chart, width="stretch", key=f"chart_{key}_{position}", alt=_described(title, frame))
        st.caption(" ".join(part for part in (note, legend(frame)) if part))
    with table_tab:
        reasons = frame["interval_method_label"].fillna(frame["no_interval_reason_label"])
        table(frame.assign(interval_note=reasons), TABLE_COLUMNS)
    download(key, frame)
    st.caption(source(frame))
