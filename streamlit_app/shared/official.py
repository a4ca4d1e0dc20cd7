"""Official series over time: the rows of the page, the words of their breaks, and what may be said of them.

A row is a figure with the step from the period before: a difference where the two may be compared, else the words of
the break. Nothing is computed across a break here: `fct_official_steps` has no difference there.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

import pandas as pd

from shared import data, figures, findings
from shared.memory import kept
from shared.text import lower_first, number, t

# Families of the catalogue that no statistical office runs.
UNOFFICIAL = ("danish_studies", "di_members")
NORDIC = ("SE", "NO", "FI", "IS")
# A period with one of these at its end lies within its year: the part it names, of so many.
_WITHIN = (
    (re.compile(r"(\d{4})-?H([12])"), 2),
    (re.compile(r"(\d{4})-?Q([1-4])"), 4),
    (re.compile(r"(\d{4})-(0[1-9]|1[0-2])"), 12),
    (re.compile(r"(\d{4})(0[1-9]|1\d|2[0-6])"), 26),  # a fortnight, as the Business Trends and Outlook Survey counts
)
_YEAR = re.compile(r"\d{4}")

# Who published a series: the last words in brackets of the label of its family.
OFFICE = r"coalesce(nullif(regexp_extract(family_label_{lang}, '\(([^()]+)\)$', 1), ''), family_label_{lang})"

# Series of the reader's choice, each with its steps.
SERIES = f"""
select
    {{label}} as label, {data.OFFICIAL},
    steps.from_period, steps.from_value, steps.is_break, steps.break_words_{{lang}} as break_words, steps.difference
from marts.mart_official as mart
left join marts.fct_official_steps as steps on steps.to_official_figure_id = mart.official_figure_id
where list_contains($series, mart.series_id)
order by list_position($series, mart.series_id), mart.time_period"""


class Area(NamedTuple):
    """An official series of one country or union: its name with the office, its code, its id."""

    name: str
    area: str
    series: str


class Group(NamedTuple):
    """Series of one country that one office splits: its name; their labels and ids, each by its code."""

    name: str
    labels: dict[str, str]
    series: dict[str, str]


@kept(16)
def areas(identity: tuple, _known: pd.DataFrame) -> dict[str, Area]:
    """The series of firms of all industries and of ten employees or more, or of any size, by family, area and size."""
    found = _known[(_known["industry"] == "total") & _known["size"].isin(["GE10", "not_stated"])]
    return {
        f"{row['family']}.{row['area']}.{row['size']}": Area(
            f"{row['area_label']} ({row['office']})", row["area"], row["series_id"]
        )
        for row in found.to_dict("records")
    }


@kept(16)
def groups(identity: tuple, by: str, _known: pd.DataFrame) -> dict[str, Group]:
    """Series that differ in `by` (`size`, of all industries, or `industry`) alone, by what they have in common."""
    found = _known[_known["industry"] == "total"] if by == "size" else _known
    held = ["area", "office"] if by == "size" else ["area", "office", "size"]
    found = found.assign(code=found[held].agg(".".join, axis=1))
    found = found[found.groupby("code")["series_id"].transform("nunique") > 1]
    groups = {}
    for code, rows in found.groupby("code", sort=False):
        first = rows.iloc[0]
        said = first["area_label"] + ("" if by == "size" else f", {lower_first(first['size_label'])}")
        split = rows.drop_duplicates("series_id").sort_values(["figures", by], ascending=[False, True])
        codes = split[by] + "." + split["family"]
        groups[str(code)] = Group(
            f"{said} ({first['office']})",
            dict(zip(codes, split[f"{by}_label"], strict=True)),
            dict(zip(codes, split["series_id"], strict=True)),
        )
    return groups


def words() -> dict[str, str]:
    """The words of the reader's language that the queries write into their rows."""
    return {"unconfirmed": t("unconfirmed")}


def place(period: str) -> float:
    """Where a period begins on an axis of years: 2024-Q4 at 2024.75; of several periods, the first.

    The year alone where the rest is not understood; raises ValueError where there is no year either.
    """
    first = period.split("/")[0].strip()
    for pattern, parts in _WITHIN:
        found = pattern.fullmatch(first)
        if found:
            return int(found[1]) + (int(found[2]) - 1) / parts
    year = _YEAR.match(first)
    if year is None:
        raise ValueError(f"{period!r} names no year")
    return float(year[0])


def placed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with what only the drawing needs: their place on the axis of years, and where a line may begin.

    A line begins at the period before where the step is no break; else there is none.
    """
    is_step = rows["is_break"].eq(False) if "is_break" in rows else pd.Series(False, index=rows.index)  # noqa: E712
    before = rows["from_period"] if "from_period" in rows else pd.Series(None, index=rows.index)
    return rows.assign(
        place=[place(period) for period in rows["time_period"]],
        from_place=[place(period) if step else math.nan for period, step in zip(before, is_step, strict=True)],
        from_value=rows["from_value"].where(is_step) if "from_value" in rows else None,
    )


def breaks(rows: pd.DataFrame) -> pd.DataFrame:
    """The breaks between the periods of the rows, in the order of time: `letter`, from, to, `place`, `words`.

    A change that does not hold for every series with both periods names those it holds for. A break that says nothing
    but what those within it say, of a series with fewer periods, is left out.
    """
    found: list[dict[str, Any]] = []
    steps = rows[rows["is_break"].notna()]
    for (start, end), pair in steps.groupby(["from_period", "time_period"], sort=False):
        broken = pair[pair["is_break"].astype(bool)]
        if broken.empty:
            continue
        holders: dict[str, list[str]] = {}
        for label, words in zip(broken["label"], broken["break_words"], strict=True):
            for change in str(words).split("; "):
                holders.setdefault(change, []).append(label)
        said = [
            change if len(labels) == len(pair) else t("official_break_only", labels=", ".join(labels), change=change)
            for change, labels in sorted(holders.items(), key=lambda held: -len(held[1]))
        ]
        found.append(
            {
                "from_period": start,
                "to_period": end,
                "words": "; ".join(said),
                "place": (place(str(start)) + place(str(end))) / 2,
                "changes": set(holders),
            }
        )
    kept = [one for one in found if not one["changes"] <= _within(one, found)]
    table = pd.DataFrame(kept, columns=["from_period", "to_period", "words", "place"])
    table = table.sort_values("place", kind="stable", ignore_index=True)
    return table.assign(letter=[_letter(number) for number in range(len(table))])


def _within(outer: dict[str, Any], found: list[dict[str, Any]]) -> set[str]:
    """What changed in the breaks that lie within another."""
    inner = [one for one in found if one is not outer and one["from_period"] >= outer["from_period"]
             and one["to_period"] <= outer["to_period"]]  # fmt: skip
    return set().union(*(one["changes"] for one in inner))


def _letter(position: int) -> str:
    return chr(ord("A") + position % 26) + ("" if position < 26 else str(position // 26))


def breaks_said(found: pd.DataFrame) -> str:
    """The words below a chart for the letters in it."""
    if found.empty:
        return t("official_no_break")
    said = [
        t("official_break", letter=row["letter"], start=row["from_period"], end=row["to_period"], words=row["words"])
        for row in found.to_dict("records")
    ]
    return " ".join([t("official_gap"), *said])


def with_steps(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the step from the period before in words: the difference, or why there is none."""
    return rows.assign(step_words=pd.Series([_step(row) for row in rows.to_dict("records")], rows.index, dtype=object))


def _step(row: dict) -> str | None:
    if pd.isna(row["is_break"]):
        return None
    if row["is_break"]:
        return t("official_step_break", words=row["break_words"])
    if pd.isna(row["difference"]):
        return None
    return t("official_step", value=figures.signed(row["difference"]), period=row["from_period"])


def finding(rows: pd.DataFrame) -> str:
    """The title of series over time: the newest figure of the first two, and what may be said of the change."""
    valued = rows.dropna(subset=["observation_value"])
    if valued.empty:
        return ""
    newest = valued.groupby("label", sort=False).tail(1).drop_duplicates("label").head(2)
    said = "; ".join(
        t("official_newest", label=row["label"], value=findings.valued(row), period=row["time_period"])
        for _, row in newest.iterrows()
    )
    first = valued[valued["label"] == valued["label"].iloc[0]]
    steps = first[first["is_break"].notna()]
    if steps.empty:
        return said
    kept = steps[~steps["is_break"].astype(bool)]
    if kept.empty:
        return f"{said}. {t('official_all_broken')}"
    if len(kept) == len(steps):
        return f"{said}. {_step(steps.iloc[-1].to_dict()) or ''}".rstrip(". ")
    if len(kept) > findings.MOST_NAMED:
        return f"{said}. {t('official_some_broken', n=number(len(steps) - len(kept)), all=number(len(steps)))}"
    comparable = [
        t("official_pair", start=row["from_period"], end=row["time_period"], value=figures.signed(row["difference"]))
        for row in kept.to_dict("records")
    ]
    return f"{said}. {t('official_comparable', pairs='; '.join(comparable))}"


class Told(NamedTuple):
    """Series over time as a figure has them: rows with places and steps; breaks, title, and what is absent in words."""

    rows: pd.DataFrame
    breaks: str
    finding: str
    missing: str


@kept(256)
def told(identity: tuple, _rows: pd.DataFrame) -> Told:
    """What a figure of SERIES shows and says."""
    rows = with_steps(placed(_rows))
    absent = rows[rows["observation_value"].isna()]
    labels = "; ".join(f"{row['label']} {row['time_period']}" for row in absent.to_dict("records"))
    missing = t("official_absent", labels=labels) if labels else ""
    return Told(rows, breaks_said(breaks(rows)), finding(rows), missing)


def bounds_finding(rows: pd.DataFrame) -> str:
    """Whether a rise is proven under one definition, of those figures that have an earlier one to be held against."""
    tried = rows[rows["bound_verdict"].isin(["rise_proven", "fall_proven", "not_proven"])]
    if tried.empty:
        return ""
    proven = tried[tried["bound_verdict"] != "not_proven"]
    if proven.empty:
        return t("bounds_none_proven", n=number(len(tried)))
    return t("bounds_proven", labels="; ".join(lower_first(label) for label in proven["label"]))


def bounded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of bounds with their interval, the earlier figure and the verdict in words."""
    said = [
        t(
            "bound_points" if row["is_distance"] else "bound_percent",
            low=number(row["bound_lower"], 1),
            high=number(row["bound_upper"], 1),
        )
        for row in rows.to_dict("records")
    ]
    compared = [
        t("bound_compared", period=row["compared_period"], value=number(row["compared_value"], 1))
        if pd.notna(row["compared_value"])
        else None
        for row in rows.to_dict("records")
    ]
    verdicts = [t(f"verdict_{verdict}") for verdict in rows["bound_verdict"]]
    text = pd.Series(compared, rows.index, dtype=object)
    return rows.assign(value_text=said, compared_text=text, verdict=verdicts)
