"""What a figure says, as a title made by rules from its rows: largest, smallest, beyond chance or not, what is unknown.

A figure whose label is not settled is in no sentence, and neither is "don't know". Ties are named. A value keeps the
marks that its chart carries. Nothing here asks the warehouse: rows in, words out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from shared.text import lower_first, number, t

# Of the differences of the rows: whether the one between the largest and the smallest goes beyond chance.
Beyond = Literal["clear", "unclear", "open", "none"]
# Answers that are no answer, by their label in either language.
NO_ANSWERS = ("ved ikke", "ved ikke / ikke relevant", "don't know", "do not know", "andet", "other", "ikke relevant")
UNSETTLED = "label_uncertain"
# With more of them, a tie is counted, not named.
MOST_NAMED = 3
UNCLEAR = "≈"


@dataclass(frozen=True)
class Extreme:
    """The rows that share the largest, or the smallest, value."""

    labels: list[str]
    value: str
    ids: list[str]


def spoken(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that a sentence may name: with a value, a settled label, and an answer."""
    kept = rows.dropna(subset=["observation_value"])
    if "observation_status" in kept:
        kept = kept[kept["observation_status"] != UNSETTLED]
    kept = kept[~kept["status_marks"].str.contains("†", regex=False)]
    return kept[~kept["label"].str.lower().isin(NO_ANSWERS)]


def groups(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without the total, which is larger or smaller than none of its parts."""
    if "label_id" in rows and (rows["label_id"] == "total").any():
        return rows[rows["label_id"] != "total"]
    if "is_last" in rows:
        return rows[~rows["is_last"].fillna(False).astype(bool)]
    return rows


def valued(row: pd.Series) -> str:
    """The printed value with the marks of the chart, but for that of a neighbour from which it cannot be told."""
    marks = str(row.get("status_marks") or "").replace(UNCLEAR, "").strip()
    return f"{row['value_text']} {marks}".strip()


def extreme(rows: pd.DataFrame, which: Literal["max", "min"]) -> Extreme:
    """The rows with the largest (`max`) or smallest value."""
    edge = getattr(rows["observation_value"], which)()
    tied = rows[rows["observation_value"] == edge]
    shown = tied.apply(valued, axis=1)
    value = shown.iloc[0] if shown.nunique() == 1 else tied["value_text"].iloc[0]
    return Extreme(list(tied["label"]), value, list(tied["observation_id"]) if "observation_id" in tied else [])


def is_proper(noun: str) -> bool:
    """Whether labels of this kind keep their capital letter inside a sentence: places, and groups of a survey's own."""
    return noun in (t("noun_region"), t("noun_own_group"))


def named(labels: list[str], *, is_first: bool = True, noun: str = "") -> str:
    """'A', 'A and B', 'A, B and C', or how many where there are more; `is_first`: a sentence begins with them."""
    if len(labels) > MOST_NAMED:
        return t("finding_many", n=number(len(labels)))
    words = [
        label if is_proper(noun) or (is_first and place == 0) else lower_first(label)
        for place, label in enumerate(labels)
    ]
    return words[0] if len(words) == 1 else t("and_last", first=", ".join(words[:-1]), last=words[-1])


def title(rows: pd.DataFrame, beyond: Beyond = "none", noun: str = "") -> str:
    """The finding of a figure of rows with `label`; empty where no row may be spoken of.

    `noun`: what the rows are ("industries"), named where only two or three are published. `beyond`: whether the
    difference of the largest and the smallest is beyond chance.
    """
    may = spoken(rows)
    if may.empty:
        return ""
    if "series" in may:
        may = latest(may)
    several = groups(may)
    if len(several) < 2:
        only = (several if len(several) else may).iloc[0]
        return t("reads_plain", label=only["label"], value=valued(only))
    high, low = extreme(several, "max"), extreme(several, "min")
    if high.value == low.value and set(high.labels) == set(low.labels):
        return t("finding_same", value=high.value, n=number(len(high.labels)))
    count = len(several["label"].drop_duplicates())
    among = t("finding_of", n=t(f"count_{count}"), noun=noun) + " " if noun and count <= 3 else ""
    said = t(
        "finding_range" if len(high.labels) == 1 else "finding_range_tied",
        high=named(high.labels, noun=noun),
        low=named(low.labels, is_first=False, noun=noun),
        high_value=high.value,
        low_value=low.value,
    )
    when = f"{several['series'].iloc[0]}: " if "series" in several else ""
    return f"{when}{among}{lower_first(said) if among and not when else said}{certainty(beyond)}"


def latest(rows: pd.DataFrame) -> pd.DataFrame:
    """Of rows in two series, those of the last one that all labels have; else of the last."""
    return rows[rows["series"] == rows["series"].iloc[-1]]


def certainty(beyond: Beyond) -> str:
    """Whether chance can be ruled out, as the end of a title."""
    return "" if beyond == "none" else t(f"finding_{beyond}")


def beyond(rows: pd.DataFrame, differences: pd.DataFrame) -> Beyond:
    """What is known of the difference between the largest and the smallest of the rows that may be spoken of.

    `differences`: `from_observation_id`, `to_observation_id`, `is_open` (no interval), `is_unclear`.
    """
    may = groups(spoken(rows))
    if "series" in may and len(may):
        may = latest(may)
    if len(may) < 2 or "observation_id" not in may:
        return "none"
    high, low = extreme(may, "max").ids, extreme(may, "min").ids
    pairs = {frozenset((one, other)) for one in high for other in low if one != other}
    found = differences[
        [
            frozenset(pair) in pairs
            for pair in zip(differences["from_observation_id"], differences["to_observation_id"], strict=True)
        ]
    ]
    if found.empty:
        return "none"
    if found["is_unclear"].astype(bool).any():
        return "unclear"
    return "open" if found["is_open"].astype(bool).any() else "clear"


def unknown(rows: pd.DataFrame) -> str:
    """What the figure does not know: rows without a value, by their labels; empty where all have one."""
    absent = rows[rows["observation_value"].isna()]
    labels: Iterable[str] = dict.fromkeys(absent["label"])
    return t("finding_unknown", labels=named(list(labels))) if len(absent) else ""
