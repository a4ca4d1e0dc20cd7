"""The frame around every figure: what it says, base and n, chart and table of the same rows, files, link and source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from shared import charts, data, evidence, exports, state
from shared.evidence import Answer
from shared.parts import part
from shared.text import lower_first, number, plain, t

PUBLICATIONS = "select publication_id, citation as publication_citation from marts.dim_publications"

# Which differences may be taken, and which of them say nothing; the figures of a page share them.
DIFFERENCES = """
select
    from_observation_id, to_observation_id, ci_lower is null as is_open,
    is_within_rounding or coalesce(ci_lower <= 0 and ci_upper >= 0, false) as is_unclear
from marts.fct_changes where evidence_type = $evidence"""

# What the table beside a chart shows, in this order, where the rows have it.
TABLE_COLUMNS = [
    "label", "series", "value_text", "status_marks", "change", "change_rounding_half_width", "ci_lower", "ci_upper",
    "sample_size", "variance_ratio", "treated_outside_count", "interval_note", "observation_status_label",
    "toe_category", "group_title", "base_population", "survey_wave", "source_section", "source_line",
]  # fmt: skip
UNCLEAR = "≈"
# Letters that a column may have before it is cut to the width of a table beside others.
NARROW = 30

# How a figure is drawn: rows and look in, charts out. It uses nothing that the query of the rows does not know, for the
# charts are kept for whoever asks the same.
Draw = Callable[[pd.DataFrame, charts.Look], Sequence[dict]]


@dataclass(frozen=True)
class Frame:
    """What stands around the chart of a figure."""

    rows: pd.DataFrame
    subtitle: str
    reading: str
    remarks: str
    source: str
    description: str


def subtitle(frame: pd.DataFrame) -> str:
    """Base population, wave and n of the rows, or that n is not published."""
    parts = []
    for column in ("base_population", "survey_wave"):
        names = list(dict.fromkeys(frame[column].dropna()))
        if column == "base_population" and len(names) > 2:
            parts.append(t("several_bases"))
        elif len(names) <= 2:
            parts.append(" / ".join(names))
    kind = [t("synthetic_short")] if evidence.SYNTHETIC in set(frame["evidence_type"]) else []
    return " · ".join([*kind, *parts, _sample_size(frame)])


def _sample_size(frame: pd.DataFrame) -> str:
    known = frame["sample_size"].dropna()
    if known.empty:
        return t("n_none")
    low, high = number(known.min()), number(known.max())
    printed = low if low == high else f"{low}–{high}"
    if len(known) < len(frame):
        return t("n_some", n=printed, known=len(known), all=len(frame))
    return t("n_one", n=printed)


def legend(frame: pd.DataFrame, marks: str) -> str:
    """What the marks in the chart mean, `dots` or `cells`: only those that occur."""
    valued = frame[frame["observation_value"].notna()]
    known = valued[["is_interval_approximate", "interval_method_label"]].drop_duplicates().dropna()
    reasons = valued.loc[valued["ci_lower"].isna(), "no_interval_reason_label"].dropna().unique()
    parts = [
        t(f"{marks}_{'approximate' if is_approximate else 'interval'}", method=method)
        for is_approximate, method in known.itertuples(index=False)
    ]
    if len(reasons):
        reason = "; ".join(lower_first(reason) for reason in reasons)
        parts.append(t(f"{marks}_open", reason=reason, mark=charts.HOLLOW))
    noted = valued[valued["status_marks"].str.strip(f"¶{UNCLEAR}") != ""]
    for mark, label in dict(zip(noted["status_marks"].str[0], noted["observation_status_label"], strict=True)).items():
        parts.append(f"{mark} {label}.")
    withheld = frame[frame["observation_value"].isna()]
    for text, label in dict.fromkeys(zip(withheld["value_text"], withheld["observation_status_label"], strict=True)):
        if pd.notna(label) and text != label:
            parts.append(f"{text} = {label}.")
    if valued["status_marks"].str.contains(UNCLEAR).any():
        parts.append(t("unclear_mark", mark=UNCLEAR))
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
    if not texts:
        return f"{t('source')}: {t('own_estimates')}"
    return f"{t('source')}: " + " ".join(texts)


def _places(lines: list[int]) -> str:
    """The lines one by one, or how many there are where a list would be longer than the figure."""
    if len(lines) > 15:
        return t("many_lines", n=len(lines), first=lines[0], last=lines[-1])
    return t("line" if len(lines) == 1 else "lines", lines=", ".join(map(str, lines)))


def table(frame: pd.DataFrame, columns: list[str], *, wide: str | None = None) -> None:
    """Rows with headings and numbers in the reader's language; figures stay numbers, so that they sort as such.

    `wide` names a column of sentences: it gets a wide column and rows of several lines. Columns without any value
    are left out.
    """
    shown = frame[[column for column in columns if column in frame and frame[column].notna().any()]]
    formats: dict[Any, Any] = {t(f"col_{column}"): _written(shown[column]) for column in shown.select_dtypes("number")}
    shown = shown.rename(columns={column: t(f"col_{column}") for column in shown})
    widths: dict[Any, Any] = {
        name: st.column_config.TextColumn(width=380 if wide and name == t(f"col_{wide}") else "medium")
        for name in shown
        if shown[name].map(str).str.len().max() > NARROW
    }
    st.dataframe(
        shown.style.format(formats, na_rep="–"),
        hide_index=True,
        height="content" if len(shown) <= 15 and not wide else 560,
        row_height=84 if wide else None,
        column_config=widths,
        placeholder="–",
    )


def _written(values: pd.Series) -> Callable[[float], str]:
    """How the numbers of a column are written: lines and years without separators, counts whole, the rest with one."""
    if values.name in ("source_line", "year"):
        return lambda value: str(int(value))
    is_whole = values.name != "change" and (values.dropna() % 1 == 0).all()
    return lambda value: number(value, 0 if is_whole else 1)


def _differences(rows: pd.DataFrame, marks: str) -> tuple[pd.DataFrame, str]:
    """The rows with what may be said of their differences.

    Among dots, one that cannot be told from the one above is marked.
    """
    ids = rows.loc[rows["observation_value"].notna(), "observation_id"].dropna().tolist()
    if len(ids) < 2:
        return rows, ""
    known = data.query(DIFFERENCES, evidence=rows["evidence_type"].iloc[0])
    found = known[known["from_observation_id"].isin(ids) & known["to_observation_id"].isin(ids)]
    # no difference at all comes without types
    unclear = found[found["is_unclear"].astype(bool)]
    same = {frozenset(pair) for pair in zip(unclear["from_observation_id"], unclear["to_observation_id"], strict=True)}
    above = rows["observation_id"].shift()
    beside = rows["label"] == rows["label"].shift() if "series" in rows else pd.Series(True, index=rows.index)
    told = [
        UNCLEAR if near and frozenset(pair) in same else ""
        for near, *pair in zip(beside, above, rows["observation_id"], strict=True)
    ]
    marked = rows.assign(status_marks=rows["status_marks"] + told) if marks == "dots" else rows
    if found.empty:
        return marked, t("differences_none") if rows["comparability_group_id"].nunique() == 1 else ""
    if found["is_open"].all():
        return marked, t("differences_open", n=len(found))
    clear = len(found) - int((found["is_unclear"] | found["is_open"]).sum())
    return marked, t("differences_some", clear=clear, n=len(found))


def reading(rows: pd.DataFrame) -> str:
    """What the figure says in one sentence of numbers, as Markdown."""
    valued = rows.dropna(subset=["observation_value"])
    texts = [name for name in ("label", "series", "value_text") if name in valued]
    valued = valued.assign(**{name: valued[name].map(plain) for name in texts})
    if valued.empty:
        return ""
    if "series" in valued and valued["label"].nunique() <= 4:
        said = valued["value_text"] + " (" + valued["series"].map(lower_first) + ")"
        pairs = said.groupby(valued["label"], sort=False).agg(", ".join)
        return " ".join(t("reads_pair", label=label, values=values) for label, values in pairs.items())
    named = valued["label"] + (", " + valued["series"].map(lower_first) if "series" in valued else "")
    low, high = valued["observation_value"].idxmin(), valued["observation_value"].idxmax()
    focus = valued[valued["is_focus"]] if "is_focus" in valued else valued.iloc[:0]
    first = "".join(t("reads_one", label=row["label"], value=row["value_text"]) + " " for _, row in focus.iterrows())
    if low == high:
        return first or t("reads_one", label=named[low], value=valued["value_text"][low])
    return first + t(
        "reads_range",
        low=valued["value_text"][low],
        low_label=named[low],
        high=valued["value_text"][high],
        high_label=named[high],
    )


def _described(title: str, rows: pd.DataFrame) -> str:
    """All that the chart shows, in words and numbers, for those who do not see it."""
    words = rows[[name for name in ("label", "series", "value_text") if name in rows]]
    said = [" ".join(str(word) for word in row if pd.notna(word)) for row in words.to_numpy()]
    return f"{title}. {subtitle(rows)}. {'; '.join(said)}."


def _worded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the word for what is withheld, where there is no value."""
    if "observation_status_label" not in rows:
        return rows
    return rows.assign(value_text=rows["value_text"].fillna(rows["observation_status_label"]))


def file_prefix() -> str:
    """How the name of every file begins that leaves the app: that of a demonstration says what it is."""
    return "demonstration_" if data.release().is_demonstration else ""


def _save(key: str, name: str, kind: str, mime: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        t("save_as", kind=kind.upper() if kind != "parquet" else "Parquet"),
        data=make,
        file_name=f"{name}.{kind}",
        mime=mime,
        key=f"save_{kind}_{key}",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )


def menu(key: str, answer: Answer, cite: Callable[[], str], spec: Callable[[], dict] | None = None) -> None:
    """Files, link, citation and query behind one button; made when it is opened, files when they are asked for."""
    opened = st.popover(t("menu"), icon=":material/ios_share:", key=f"menu_{key}", on_change="rerun")
    if not opened.open:
        return
    release = data.release().release_id
    rows = exports.complete(_worded(answer.whole()), data.release().cited_as)
    name = f"{file_prefix()}{'synthetic_' if rows['is_synthetic'].any() else ''}{key}_{release}"
    with opened:
        left, right = st.columns(2)
        if spec:
            picture = spec()
            with left:
                _save(key, name, "png", "image/png", partial(exports.png, picture))
            with right:
                _save(key, name, "svg", "image/svg+xml", partial(exports.svg, picture))
        with left:
            _save(key, name, "csv", "text/csv", partial(exports.csv, rows))
        with right:
            _save(key, name, "parquet", "application/vnd.apache.parquet", partial(exports.parquet, rows))
        for name, text, language in (
            ("link", state.link(key.replace("_", "-")), None),
            ("citation", cite(), None),
            ("sql", answer.sql(), "sql"),
        ):
            st.caption(t(f"menu_{name}"))
            st.code(text, language=language, wrap_lines=True)


def cited_release() -> str:
    """The release as a citation names it."""
    release = data.release()
    return t("cited_demonstration" if release.is_demonstration else "cited_release", id=release.release_id)


def citation(title: str, rows: pd.DataFrame) -> str:
    """How to cite the figure: title, base, source, release."""
    return f"{title}. {subtitle(rows)}. {source(rows)} {cited_release()}"


@st.cache_resource(max_entries=256, ttl="1h", show_spinner=False)
def _frame(identity: tuple, title: str, note: str, marks: str, _rows: pd.DataFrame) -> Frame:
    rows, differences = _differences(_worded(_rows), marks)
    remarks = " ".join(said for said in (note, differences, legend(rows, marks)) if said)
    return Frame(rows, subtitle(rows), reading(rows), remarks, source(rows), _described(title, rows))


@st.cache_resource(max_entries=256, ttl="1h", show_spinner=False)
def _charts(identity: tuple, key: str, look: charts.Look, _draw: Draw, _rows: pd.DataFrame) -> Sequence[dict]:
    return _draw(_rows, look)


@part
def figure(
    key: str,
    title: str,
    answer: Answer,
    draw: Draw,
    *,
    note: str = "",
    marks: str = "dots",
    head: Callable[..., object] = st.subheader,
) -> None:
    """A whole figure: `draw` gives its charts from the rows (which have a `label`); chart, table and files share them.

    `marks` says what stands for a figure: `dots` in their order, or `cells` of a map or matrix. `head` is `st.header`
    for a figure that is a section of its page by itself.
    """
    head(plain(title), anchor=key.replace("_", "-"))
    if answer.rows.empty:
        st.info(t("none_found"))
        return
    identity = answer.identity()
    frame = _frame(identity, title, note, marks, answer.rows)
    rows = frame.rows
    st.caption(plain(frame.subtitle))
    st.markdown(frame.reading)
    chart_tab, table_tab = st.tabs([t("chart"), t("table")], key=f"tabs_{key}", on_change="rerun")
    if table_tab.open:
        with table_tab:
            reasons = rows["interval_method_label"].fillna(rows["no_interval_reason_label"])
            table(rows.assign(interval_note=reasons), TABLE_COLUMNS)
    else:
        with chart_tab:
            for position, chart in enumerate(_charts(identity, key, charts.look(), draw, rows)):
                st.vega_lite_chart(chart, width="stretch", key=f"chart_{key}_{position}", alt=frame.description)
    st.caption(plain(frame.remarks))
    st.caption(plain(frame.source))

    def picture() -> dict:
        release = cited_release()
        warning = (t("synthetic_notice"),) if evidence.SYNTHETIC in set(rows["evidence_type"]) else ()
        is_demonstration = data.release().is_demonstration
        notice = (f"{t('demonstration_title')}. {t('demonstration_notice')}",) if is_demonstration else ()
        headed = f"{charts.DEMONSTRATION}: {title}" if is_demonstration else title
        statement = exports.Statement(headed, frame.subtitle, (*notice, *warning, frame.remarks, frame.source, release))
        return exports.picture(draw(rows, charts.light()), statement)

    menu(key, answer, partial(citation, title, rows), picture)


def listing(key: str, answer: Answer, columns: list[str], *, wide: str | None = None) -> None:
    """A table without a chart, of any column that its files have, with these, link and query."""
    table(answer.whole(), columns, wide=wide)
    menu(key, answer, lambda: cited_release())
