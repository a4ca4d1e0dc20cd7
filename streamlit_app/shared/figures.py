"""The frame around every figure: what it says, base and n, chart and table of the same rows, files, link and source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

from shared import charts, data, embedding, evidence, exports, findings, layout, method, state
from shared.evidence import Answer
from shared.memory import kept
from shared.parts import part
from shared.text import language, lower_first, number, plain, t
from smv_ai.environment import app_kind
from smv_ai.passport import tabular
from smv_ai.passport.passport import Passport, digest

PUBLICATIONS = "select publication_id, citation as publication_citation from marts.dim_publications"

# Which differences may be taken, and which of them say nothing; the figures of a page share them.
DIFFERENCES = """
select
    from_observation_id, to_observation_id, ci_lower is null as is_open, difference, ci_lower, ci_upper, p_value,
    is_within_rounding,
    is_within_rounding or coalesce(ci_lower <= 0 and ci_upper >= 0, false) as is_unclear
from marts.fct_changes where evidence_type = $evidence"""

# What the table beside a chart shows, in this order, where the rows have it.
TABLE_COLUMNS = [
    "label", "series", "time_period", "value_text", "status_marks", "step_words", "verdict", "bound_lower",
    "bound_upper", "compared_text", "apart", "to_total", "change",
    "change_rounding_half_width", "ci_lower", "ci_upper",
    "sample_size", "variance_ratio", "treated_outside_count", "interval_note", "observation_status_label",
    "toe_category", "group_title", "base_population", "survey_wave", "source_section", "source_line",
]  # fmt: skip
# What a table leaves out where all its rows have the same.
SAID_ABOVE = ["base_population", "survey_wave", "group_title", "observation_status_label"]
UNCLEAR = findings.UNCLEAR
# Sources of offices that stand below a figure, a few of them with their addresses; all of it stands in its files.
MOST_SOURCES, FEW_SOURCES = 6, 2

# How a figure is drawn: rows and look in, charts out. It uses nothing that the query of the rows does not know, for the
# charts are kept for whoever asks the same.
Draw = Callable[[pd.DataFrame, charts.Look], Sequence[dict]]


@dataclass(frozen=True)
class Said:
    """What a page says of its rows itself, where the rules for one list of groups do not fit: title and reading."""

    finding: str
    reading: str = ""
    base: str = ""  # in the place of base and n, where the rows are no shares of anybody asked


@dataclass(frozen=True)
class Frame:
    """What stands around the chart of a figure."""

    rows: pd.DataFrame
    finding: str
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
            parts += [" / ".join(names)] if names else []
    kind = [t("synthetic_short")] if evidence.SYNTHETIC in set(frame["evidence_type"]) else []
    return " · ".join([*kind, *parts, _sample_size(frame)])


def _sample_size(frame: pd.DataFrame) -> str:
    known = frame["sample_size"].dropna()
    if known.empty:
        return t("n_none")
    sizes = sorted({int(size) for size in known})
    if len(sizes) == 2:
        printed = t("and_last", first=number(sizes[0]), last=number(sizes[1]))
    else:
        printed = number(sizes[0]) if len(sizes) == 1 else f"{number(sizes[0])}–{number(sizes[-1])}"
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
    if "source_title" in frame and frame["source_title"].notna().any():
        return _offices(frame) + _reports(frame, lead=" ")
    return f"{t('source')}: {_reports(frame) or t('own_estimates')}"


def _offices(frame: pd.DataFrame) -> str:
    """The tables and releases of statistical offices behind the rows, each once."""
    known = frame.dropna(subset=["source_title"])[["source_title", "source_address"]].drop_duplicates("source_title")
    is_few = len(known) <= FEW_SOURCES
    told = [
        f"{title}, {address}" if is_few and isinstance(address, str) else title for title, address in known.to_numpy()
    ]
    if len(told) > MOST_SOURCES:
        told = [*told[:MOST_SOURCES], t("more_sources", n=len(told) - MOST_SOURCES)]
    return f"{t('source')}: {'; '.join(told)}."


def _reports(frame: pd.DataFrame, lead: str = "") -> str:
    """The reports behind the rows, with section and lines; empty where there are none."""
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
    return lead + " ".join(texts) if texts else ""


def _places(lines: list[int]) -> str:
    """The lines one by one, or how many there are where a list would be longer than the figure."""
    if len(lines) > 15:
        return t("many_lines", n=len(lines), first=lines[0], last=lines[-1])
    return t("line" if len(lines) == 1 else "lines", lines=", ".join(map(str, lines)))


def table(frame: pd.DataFrame, columns: list[str]) -> None:
    """Rows with headings and numbers in the reader's language; figures stay numbers, so that they sort as such.

    All columns fit the page where they can: long texts get rows of several lines. Columns without any value are left
    out. Streamlit's grid is searched with its own button, or Ctrl+F.
    """
    shown = frame[[column for column in columns if column in frame and frame[column].notna().any()]]
    if "source_lines" in shown:  # so that they can stand in several lines
        shown = shown.assign(source_lines=shown["source_lines"].str.replace(",", ", "))
    formats: dict[Any, Any] = {t(f"col_{column}"): _written(shown[column]) for column in shown.select_dtypes("number")}
    shown = shown.rename(columns={column: t(f"col_{column}") for column in shown})
    said = {
        str(name): [formats[name](value) if name in formats else str(value) for value in shown[name].dropna()]
        for name in shown
    }
    widths, lines = layout.columns(said, fixed=set(formats))
    row_height = layout.row_height(lines)
    is_long = (len(shown) + 1) * (row_height or layout.ROW) > layout.MOST_HEIGHT
    st.dataframe(
        shown.style.format(formats, na_rep="–"),
        hide_index=True,
        height=layout.MOST_HEIGHT if is_long else "content",
        row_height=row_height,
        column_config={name: st.column_config.Column(width=width) for name, width in widths.items()},
        placeholder="–",
    )


def _written(values: pd.Series) -> Callable[[float], str]:
    """How the numbers of a column are written: lines and years without separators, counts whole, the rest with one."""
    if values.name in ("source_line", "year"):
        return lambda value: str(int(value))
    if values.name in ("p_value", "p_holm"):
        return lambda value: number(value, 3) if value >= 0.001 else f"<{number(0.001, 3)}"
    if values.name == "quantile":
        return lambda value: number(value, 2)
    is_whole = values.name != "change" and (values.dropna() % 1 == 0).all()
    return lambda value: number(value, 0 if is_whole else 1)


def _known_differences(rows: pd.DataFrame) -> pd.DataFrame:
    """The differences that may be taken between these rows, as DIFFERENCES gives them."""
    known = data.query(DIFFERENCES, evidence=rows["evidence_type"].iloc[0])
    ids = rows.loc[rows["observation_value"].notna(), "observation_id"].dropna().tolist()
    return known[known["from_observation_id"].isin(ids) & known["to_observation_id"].isin(ids)]


def _differences(rows: pd.DataFrame, found: pd.DataFrame, marks: str) -> tuple[pd.DataFrame, str]:
    """The rows with what may be said of their differences.

    Among dots, one that cannot be told from the one above is marked.
    """
    if rows["observation_value"].notna().sum() < 2:
        return rows, ""
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
    marked = _to_total(marked, found)
    if found.empty:
        return marked, t("differences_none") if rows["comparability_group_id"].nunique() == 1 else ""
    if found["is_open"].all():
        return marked, t("differences_open", n=len(found))
    clear = len(found) - int((found["is_unclear"] | found["is_open"]).sum())
    return marked, t("differences_some", clear=clear, n=len(found))


def _to_total(rows: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The rows with their difference to the total in words, where there is a total and it may be taken."""
    if "label_id" not in rows or (rows["label_id"] == "total").sum() != 1:
        return rows
    total = rows.loc[rows["label_id"] == "total", "observation_id"].iloc[0]
    said = {key: difference_said(found, total, key, short=True) for key in rows["observation_id"] if key != total}
    return rows.assign(to_total=rows["observation_id"].map(said)) if any(said.values()) else rows


def difference_said(found: pd.DataFrame, one: str, other: str, *, short: bool = False) -> str:
    """The difference of `other` less `one` with interval and test, or why chance cannot be judged; else ''."""
    forth = (found["from_observation_id"] == one) & (found["to_observation_id"] == other)
    back = (found["from_observation_id"] == other) & (found["to_observation_id"] == one)
    pair = found[forth | back]
    if pair.empty:
        return ""
    row, sign = pair.iloc[0], -1 if back.any() else 1
    value = signed(sign * row["difference"])
    if row["is_open"]:
        return t("difference_open_short" if short else "difference_open", value=value)
    limits = sorted((sign * row["ci_lower"], sign * row["ci_upper"]))
    low, high = (signed(limit) for limit in limits)
    if short:
        return t("difference_short", value=value, low=low, high=high)
    test = f" {t('difference_p', p=number(row['p_value'], 3))}" if pd.notna(row["p_value"]) else ""
    judged = t("difference_unclear" if row["is_unclear"] else "difference_clear")
    return t("difference_long", value=value, low=low, high=high) + f" {judged}{test}"


def signed(value: float) -> str:
    """A difference with its sign, the minus a real one, and one decimal."""
    return f"{'+' if value > 0 else ''}{number(round(value, 1), 1)}"


def reading(rows: pd.DataFrame) -> str:
    """What the figure says besides its title, as Markdown: the rows that stand out, or pairs of few labels."""
    valued = findings.spoken(rows)
    if valued.empty:
        return ""
    valued = valued.assign(said=valued.apply(findings.valued, axis=1))
    for name in ("label", "series", "said"):
        if name in valued:
            valued[name] = valued[name].map(plain)
    focus = valued[valued["is_focus"]] if "is_focus" in valued else valued.iloc[:0]
    first = "".join(t("reads_one", label=row["label"], value=row["said"]) + " " for _, row in focus.iterrows())
    if "series" in valued and valued["label"].nunique() <= 4:
        said = valued["said"] + " (" + valued["series"].map(lower_first) + ")"
        pairs = said.groupby(valued["label"], sort=False).agg(", ".join)
        return first + " ".join(t("reads_pair", label=label, values=values) for label, values in pairs.items())
    return (first + plain(findings.unknown(rows))).strip()


# Those who do not see a chart hear its description at one go: of a long one the first rows, the rest is in the table.
MOST_DESCRIBED = 12


def _described(title: str, finding: str, rows: pd.DataFrame) -> str:
    """What the chart shows, in words and numbers, for those who do not see it."""
    words = rows[[name for name in ("label", "series", "time_period", "value_text") if name in rows]]
    said = [" ".join(str(word) for word in row if pd.notna(word)) for row in words.to_numpy()]
    more = f"; {t('described_more', n=len(said) - MOST_DESCRIBED)}" if len(said) > MOST_DESCRIBED else ""
    return f"{title}. {subtitle(rows)}. {finding}{'. ' if finding else ''}{'; '.join(said[:MOST_DESCRIBED])}{more}."


def _worded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the word for what is withheld, where there is no value."""
    if "observation_status_label" not in rows:
        return rows
    return rows.assign(value_text=rows["value_text"].fillna(rows["observation_status_label"]))


def file_prefix() -> str:
    """How the name of every file begins that leaves the app: that of a demonstration says what it is."""
    return "demonstration_" if data.release().is_demonstration else ""


# The files of a figure: kind, name on the button, and the media type.
PICTURES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
TABLES = {
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV", "text/csv"),
    "csv_excel": ("CSV (dansk Excel)", "text/csv"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}


def _save(key: str, name: str, kind: str, label: str, mime: str, make: Callable[[], bytes]) -> None:
    ending = "_excel.csv" if kind == "csv_excel" else f".{kind}"
    st.download_button(
        t("save_as", kind=label),
        data=make,
        file_name=f"{name}{ending}",
        mime=mime,
        key=f"save_{kind}_{key}",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )


def _files(key: str, answer: Answer, cited: str, spec: Callable[[], dict] | None) -> None:
    """A button for each kind of file, in two columns; a file is made when it is asked for."""
    release = data.release()
    found = answer.whole()
    rows = tabular.complete(found, release.cited_as)
    passport = Passport(key, release.release_id, str(app_kind()), answer.sql(), digest(found))
    synthetic = "synthetic_" if rows["is_synthetic"].any() else ""
    name = f"{file_prefix()}{synthetic}{key}_{release.release_id}"
    notes = {t("menu_citation"): cited, t("release_word"): release.cited_as,
             t("menu_link"): state.link(key.replace("_", "-")),
             t("menu_sql"): answer.sql(), t("notes_columns_name"): t("notes_columns")}  # fmt: skip
    made: dict[str, tuple[str, str, Callable[[], bytes]]] = {}
    if spec:
        picture = spec()
        made |= {
            kind: (kind.upper(), mime, partial(exports.drawn, picture, kind, passport))
            for kind, mime in PICTURES.items()
        }
    writers: dict[str, Callable[[], bytes]] = {
        "xlsx": partial(tabular.excel, rows, passport, notes, language()),
        "csv": partial(tabular.csv, rows, passport),
        "csv_excel": partial(tabular.csv_danish, rows, passport),
        "parquet": partial(tabular.parquet, rows, passport),
    }
    made |= {kind: (label, mime, writers[kind]) for kind, (label, mime) in TABLES.items()}
    columns = st.columns(2)
    for place, (kind, (label, mime, make)) in enumerate(made.items()):
        with columns[place % 2]:
            _save(key, name, kind, label, mime, make)


def _citations(key: str, title: str, rows: pd.DataFrame, cited: str) -> None:
    """The figure as BibTeX and RIS, for programs that keep references."""
    release = data.release()
    year = release.created_at[:4]
    entry = (title, "smv_ai", year, cited, state.link(key.replace("_", "-")))
    left, right = st.columns(2)
    for column, kind, text in (
        (left, "bib", exports.bibtex(f"smv_ai_{key}_{release.release_id}", *entry)),
        (right, "ris", exports.ris(*entry)),
    ):
        with column:
            label = {"bib": "BibTeX", "ris": "RIS"}[kind]
            _save(key, f"{file_prefix()}{key}_{release.release_id}", kind, label, "text/plain", text.encode)


def menu(
    key: str, answer: Answer, cite: Callable[[], str], spec: Callable[[], dict] | None = None, title: str = ""
) -> None:
    """Files, links, frame, citation and query behind one button, made when it is opened; files when asked for."""
    opened = st.popover(t("menu"), icon=":material/ios_share:", key=f"menu_{key}", on_change="rerun")
    if not opened.open:
        return
    anchor, cited = key.replace("_", "-"), cite()
    with opened:
        _files(key, answer, cited, spec)
        shown: list[tuple[str, str, str | None]] = [("link", state.link(anchor), None)]
        shown.append(("short_link", state.short_link(anchor), None))
        if spec:
            shown.append(("embed", embedding.frame(key, title, 520 + 26 * len(answer.rows)), None))
        for name, text, kind in (*shown, ("citation", cited, None)):
            st.caption(t(f"menu_{name}"))
            st.code(text, language=kind, wrap_lines=True)
        _citations(key, title or key, answer.rows, cited)
        st.caption(t("menu_sql"))
        st.code(answer.sql(), language="sql", wrap_lines=True)
        st.caption(t("menu_verify"))


def cited_release() -> str:
    """The release as a citation names it."""
    release = data.release()
    return t("cited_demonstration" if release.is_demonstration else "cited_release", id=release.release_id)


def citation(title: str, rows: pd.DataFrame) -> str:
    """How to cite the figure: title, base, source, release."""
    return f"{title}. {subtitle(rows)}. {source(rows)} {cited_release()}"


@kept(256)
def _frame(
    identity: tuple, title: str, note: str, marks: str, noun: str, said: Said | None, _rows: pd.DataFrame
) -> Frame:
    worded = _worded(_rows)
    if said:
        remarks = " ".join(words for words in (note, legend(worded, marks)) if words)
        described = _described(title, said.finding, worded)
        base = said.base or subtitle(worded)
        return Frame(worded, said.finding, base, said.reading, remarks, source(worded), described)
    found = _known_differences(worded)
    rows, differences = _differences(worded, found, marks)
    # What cannot be compared is not ranked in a title.
    is_one = rows["comparability_group_id"].nunique() <= 1
    finding = findings.title(rows, findings.beyond(rows, found), noun) if is_one else ""
    remarks = " ".join(said for said in (note, differences, legend(rows, marks)) if said)
    return Frame(rows, finding, subtitle(rows), reading(rows), remarks, source(rows), _described(title, finding, rows))


@kept(256)
def _charts(identity: tuple, key: str, look: charts.Look, _draw: Draw, _rows: pd.DataFrame) -> Sequence[dict]:
    """The charts of a figure, their rows as Arrow: otherwise Streamlit would turn them into it with each run."""
    specifications = _draw(_rows, look)
    return [
        spec | {"datasets": {name: convert_anything_to_arrow_bytes(rows) for name, rows in spec["datasets"].items()}}
        for spec in specifications
    ]


SORTS = ("given", "largest", "smallest", "alphabet")


def _adjusted(key: str, answer: Answer, *, can_sort: bool) -> Answer:
    """The answer with the rows that the reader picked standing out, in the order of the reader's choice."""
    rows = answer.rows
    names = {str(place): label for place, label in enumerate(rows["label"].drop_duplicates())}
    if len(names) < 3 or embedding.wanted():
        return _embedded_choice(key, answer, names, can_sort=can_sort)
    with st.popover(t("adjust"), icon=":material/tune:", key=f"adjust_{key}"):
        picked = state.several(t("choose_rows"), names, f"{key}.rows", [])
        order = "given"
        if can_sort:
            order = state.choose(t("choose_sort"), {name: t(f"sort_{name}") for name in SORTS}, f"{key}.sort")
        _two_rows(key, rows, names)
    return _arranged(answer, [names[code] for code in picked], order)


def _embedded_choice(key: str, answer: Answer, names: dict[str, str], *, can_sort: bool) -> Answer:
    """The same by the address alone, where no controls are shown."""
    picked = [names[code] for code in st.query_params.get(f"{key}.rows", "").split(",") if code in names]
    order = st.query_params.get(f"{key}.sort", "given")
    for name in (f"{key}.rows", f"{key}.sort"):
        if name in st.query_params:
            st.session_state["filters"][name] = st.query_params[name]
    return _arranged(answer, picked, order if can_sort and order in SORTS else "given")


def _arranged(answer: Answer, picked: list[str], order: str) -> Answer:
    rows = answer.rows
    if picked:
        rows = rows.assign(is_focus=rows["label"].isin(picked) | rows.get("is_focus", False))
    if order == "alphabet":
        place = rows["label"].map(lambda label: label.lower().translate(str.maketrans("æøå", "{|}")))
        rows = rows.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
    elif order in ("largest", "smallest"):
        rows = rows.sort_values("observation_value", ascending=order == "smallest", kind="stable").reset_index(
            drop=True
        )
    return (
        replace(answer, rows=rows, emphasis=f"{answer.emphasis}|{picked}|{order}")
        if rows is not answer.rows
        else answer
    )


def _two_rows(key: str, rows: pd.DataFrame, names: dict[str, str]) -> None:
    """Two rows of the reader's choice with their difference and its test, or why there is none."""
    if "series" in rows or rows["label"].duplicated().any():
        return
    none = {"none": t("choose_none")}
    left, right = st.columns(2)
    with left:
        one = state.choose(t("first_row"), none | names, f"{key}.one")
    with right:
        other = state.choose(t("second_row"), none | names, f"{key}.other")
    if "none" in (one, other) or one == other:
        return
    ids = {name: rows.loc[rows["label"] == names[name], "observation_id"].iloc[0] for name in (one, other)}
    said = difference_said(_known_differences(rows), ids[one], ids[other])
    st.markdown(plain(t("difference_of", one=names[one], other=names[other], said=said or t("difference_none"))))


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
    noun: str = "",
    can_sort: bool = False,
    said: Said | None = None,
    caution: str = "",
) -> None:
    """A whole figure: `draw` gives its charts from the rows (which have a `label`); chart, table and files share them.

    `marks` says what stands for a figure: `dots` in their order, or `cells` of a map or matrix. `head` is `st.header`
    for a figure that is a section of its page by itself. `noun`: what the rows are, for its title. `can_sort`: the
    order of the rows says nothing, so a reader may choose another. `said`: what the page says of the rows itself.
    `caution`: what the page says above once, and the figure where it stands alone: in a file or a frame.
    """
    embedding.found(key)
    with st.container(key=f"figure_{key}"):
        _figure(key, title, answer, draw, note, marks, head, noun, can_sort, said, caution)


def _figure(
    key: str,
    title: str,
    answer: Answer,
    draw: Draw,
    note: str,
    marks: str,
    head: Callable[..., object],
    noun: str,
    can_sort: bool,
    said: Said | None,
    caution: str,
) -> None:
    anchor = key.replace("_", "-")
    if answer.rows.empty:
        head(plain(title), anchor=anchor)
        st.info(t("none_found"))
        return
    place = st.container()
    answer = _adjusted(key, answer, can_sort=can_sort) if said is None else answer
    identity = answer.identity()
    frame = _frame(identity, title, note, marks, noun, said, answer.rows)
    with place:
        head(plain(frame.finding or title), anchor=anchor)
        st.caption(plain(_above(frame, title)))
        if frame.reading:
            st.markdown(frame.reading)
    _shown(key, identity, frame, draw)
    alone = replace(frame, remarks=f"{caution} {frame.remarks}".strip())
    st.caption(plain((alone if embedding.wanted() else frame).remarks))
    st.caption(plain(frame.source))
    if embedding.wanted():
        st.link_button(t("embed_open"), state.link(anchor), type="tertiary")
        return
    with st.container(horizontal=True):
        picture = partial(_picture, alone, title, draw)
        menu(key, answer, partial(citation, title, frame.rows), picture, frame.finding or title)
        method.popover(key, frame.rows)


def _above(frame: Frame, title: str) -> str:
    """What stands below the title: what the figure is about, where the title is a finding; base and n."""
    return " · ".join(words for words in (title if frame.finding else "", frame.subtitle) if words)


def _shown(key: str, identity: tuple, frame: Frame, draw: Draw) -> None:
    """Chart or table of the rows; in a frame of another page the chart alone."""
    rows = frame.rows
    if embedding.wanted():
        _chart(key, identity, frame, draw)
        return
    chart_tab, table_tab = st.tabs([t("chart"), t("table")], key=f"tabs_{key}", on_change="rerun")
    if table_tab.open:
        with table_tab:
            reasons = rows["interval_method_label"].fillna(rows["no_interval_reason_label"])
            table(_telling(rows.assign(interval_note=reasons)), TABLE_COLUMNS)
    else:
        with chart_tab:
            if len(rows) == 1 and pd.notna(rows["observation_value"].iloc[0]):
                _single(rows.iloc[0])
            else:
                _chart(key, identity, frame, draw)


def _single(row: pd.Series) -> None:
    """One figure needs no chart: its value, and its interval or that there is none."""
    interval = (
        t("interval", low=number(row["ci_lower"], 1), high=number(row["ci_upper"], 1))
        if pd.notna(row["ci_lower"])
        else t("no_interval", reason=lower_first(row["no_interval_reason_label"] or t("method_unknown")))
    )
    st.metric(plain(row["label"]), plain(findings.valued(row)))
    st.caption(plain(interval))


def _telling(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without what is the same in each and stands above the table, and without marks where there are none."""
    same = [name for name in SAID_ABOVE if name in rows and len(rows) > 1 and rows[name].nunique(dropna=False) == 1]
    unmarked = ["status_marks"] if "status_marks" in rows and not rows["status_marks"].fillna("").any() else []
    return rows.drop(columns=[*same, *unmarked])


def _chart(key: str, identity: tuple, frame: Frame, draw: Draw) -> None:
    for position, chart in enumerate(_charts(identity, key, charts.look(), draw, frame.rows)):
        st.vega_lite_chart(chart, width="stretch", key=f"chart_{key}_{position}", alt=frame.description)


def _picture(frame: Frame, title: str, draw: Draw) -> dict:
    """The specification of the figure as a picture, with all that must be said burned in."""
    rows, release = frame.rows, cited_release()
    warning = (t("synthetic_notice"),) if evidence.SYNTHETIC in set(rows["evidence_type"]) else ()
    is_demonstration = data.release().is_demonstration
    notice = (f"{t('demonstration_title')}. {t('demonstration_notice')}",) if is_demonstration else ()
    headed = frame.finding or title
    statement = exports.Statement(
        f"{charts.DEMONSTRATION}: {headed}" if is_demonstration else headed,
        _above(frame, title),
        (*notice, *warning, frame.reading.replace("**", "").replace("\\", ""), frame.remarks, frame.source, release),
    )
    return exports.picture(draw(rows, charts.light()), statement)


def listing(key: str, answer: Answer, columns: list[str]) -> None:
    """A table without a chart, of any column that its files have, with these, link and query."""
    table(answer.whole(), columns)
    menu(key, answer, lambda: cited_release())


def section(
    key: str, title: str, answer: Answer, columns: list[str], *, head: Callable[..., object] = st.header
) -> None:
    """A listing below a figure, made once a reader opens it: the grid alone is a sixth of what a first visit moves."""
    head(title, anchor=key.replace("_", "-"))
    if st.toggle(t("table_rows", n=number(len(answer.rows))), key=f"open_{key}"):
        listing(key, answer, columns)
