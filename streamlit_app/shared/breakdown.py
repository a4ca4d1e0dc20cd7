"""One indicator, asked of one population in one survey wave, broken down one way at a time: the chart of most pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from shared import charts, data, evidence, figures, state
from shared.text import t

# Columns that a figure can be broken down by, besides the barrier, which only some marts have.
DIMENSIONS = [
    "industry", "size_class", "region", "technology", "maturity_level", "ai_use_group", "own_group", "answer_category",
]  # fmt: skip
# Of these, what was asked about; the others are groups of firms.
ITEMS = ["technology", "answer_category", "barrier"]
# More rows than this are no chart to read: of an item that splits them further, the reader chooses one.
MOST_ROWS = 45
MARTS = {
    "adoption": "marts.mart_adoption",
    "barriers": "marts.mart_barriers",
    "productivity": "marts.mart_productivity",
}
# Themes of a survey's own have no mart of their own.
ALL_THEMES = "marts.mart_all_themes"
# Dimensions whose groups stand in the order of their code list, not by value.
ORDERED = {
    "industry": "marts.dim_industries",
    "size_class": "marts.dim_size_classes",
    "answer_category": "marts.dim_answer_categories",
}
# A figure whose label is not settled must not be drawn as if it were; what is withheld is drawn as the word for it.
SETTLED = """observation_status <> 'label_uncertain'
    and (observation_value is not null or observation_status in ('suppressed', 'unreliable'))"""


def dimensions(theme: str) -> list[str]:
    """The dimensions that the mart of a theme has."""
    return DIMENSIONS if theme in ("adoption", "productivity") else [*DIMENSIONS, "barrier"]


def mart(theme: str) -> str:
    """Where the rows of a theme stand: its mart, or those of the theme in the mart of all."""
    return MARTS.get(theme, f"(select * from {ALL_THEMES} where theme = '{theme}')")


def asked(theme: str, indicator: str | None = None) -> pd.DataFrame:
    """Who was asked about an indicator: a row per wave, base and unit, with the dimensions that have several groups.

    `ways` has for each figure the dimensions that it is broken down by, as the marts write them. Without an indicator,
    about each of the theme: the parts of a page share this query.
    """
    groups = ", ".join(f"min({name}_id) <> max({name}_id) as {name}" for name in dimensions(theme))
    found = data.query(
        f"""
        select
            indicator_id, survey_wave_id || '.' || base_population_id || '.' || unit_of_measure as code,
            any_value(survey_label_{{lang}} || ', ' || lcase(survey_wave_label_{{lang}}) || ' – '
                || base_population_label_{{lang}}
                || case when unit_of_measure = 'firms' then ' (' || unit_label_{{lang}} || ')' else '' end) as label,
            any_value(indicator_label_{{lang}}) as indicator, any_value(survey_label_{{lang}}) as survey,
            any_value(construct) as construct, count(ci_lower) as intervals, list(broken_down_by) as ways,
            {groups}
        from {mart(theme)}
        where evidence_type = $evidence and {SETTLED}
        group by indicator_id, code
        order by count(*) desc, code""",
        evidence=evidence.chosen(),
    )
    return found if indicator is None else found[found["indicator_id"] == indicator]


def _fewest(asked: pd.Series, shown: tuple[str, ...], needed: Iterable[str]) -> list[str]:
    """Of the ways that hold the dimensions `needed`, those with as few others than the `shown` as the survey allows."""
    others = {way: set(way.split(", ")) - {"total", *shown} for way in asked["ways"] if {*needed} <= {*way.split(", ")}}
    least = min(map(len, others.values()), default=0)
    return sorted(way for way, names in others.items() if len(names) == least)


def _items(ways: list[str], *taken: str) -> str:
    """Adds the item to a label, where the groups shown are not broken down by it."""
    return " ".join(
        f"|| case when {name}_id = 'total' then '' else ': ' || {name}_label_{{lang}} end"
        for name in ITEMS
        if name not in taken and any(name in way.split(", ") for way in ways)
    )


def _place(name: str) -> str:
    """The place of a group in its code list."""
    return f"(select sort_order from {ORDERED[name]} as listed where listed.{name}_id = mart.{name}_id)"


# Which rows of a mart: one indicator, asked of one base in one wave, in one unit, of one kind of evidence.
CHOSEN = f"""indicator_id = $indicator and survey_wave_id = $wave and base_population_id = $base
    and unit_of_measure = $unit and evidence_type = $evidence and {SETTLED}"""


def _parameters(asked: pd.Series) -> dict[str, str]:
    wave, base, unit = asked["code"].split(".")
    return {
        "indicator": asked["indicator_id"], "wave": wave, "base": base, "unit": unit, "evidence": evidence.chosen(),
    }  # fmt: skip


def rows(theme: str, asked: pd.Series, by: str, **only: str) -> evidence.Answer:
    """The figures broken down by one dimension, or as they are (`total`), of a row of `asked`.

    Of whatever else is broken down, as little as the survey allows; groups that are themselves split by it say so.
    `only` keeps one item of a dimension of ITEMS.
    """
    ways = _fewest(asked, (by,), only)
    label = "segment_label_{lang}" if by == "total" else f"{by}_label_{{lang}} {_items(ways, by, *only)}"
    group = "'total'" if by == "total" else f"{by}_id"
    order = f"{_place(by)}," if by in ("size_class", "answer_category") else ""
    taken = "".join(f"\n    and {name}_id = ${name}" for name in only)
    answer = evidence.ask(
        f"""
select
    {label} as label, {group} as label_id, {data.EVIDENCE}
from {mart(theme)} as mart
where {CHOSEN}{taken}
    and list_contains($ways, broken_down_by)
order by {group} = 'total' desc, {order} observation_value desc, label""",
        **_parameters(asked),
        **only,
        ways=ways,
    )
    labels, segments = answer.rows["label"], answer.rows["segment"]
    return replace(answer, rows=answer.rows.assign(label=labels.mask(labels.duplicated(keep=False), segments)))


def choose_items(theme: str, asked: pd.Series, by: str) -> tuple[dict[str, str], list[str]]:
    """One of each item that splits the groups into more rows than a chart holds: its code by dimension, and its labels.

    Both are empty where all rows can be shown.
    """
    only: dict[str, str] = {}
    labels: list[str] = []
    grouped = "true" if by == "total" else f"{by}_id <> 'total'"
    for name in [item for item in ITEMS if item in dimensions(theme) and item != by and asked[item]]:
        if len(rows(theme, asked, by, **only).rows) <= MOST_ROWS:
            break
        found = data.query(
            f"""
            select {name}_id as code, any_value({name}_label_{{lang}}) as label from {mart(theme)}
            where {CHOSEN} and {name}_id <> 'total' and {grouped}
            group by code order by label""",
            **_parameters(asked),
        )
        names = found.set_index("code")["label"].to_dict()
        only[name] = state.choose(t(f"by_{name}"), names, name)
        labels.append(names[only[name]])
    return only, labels


def crossed(theme: str, asked: pd.Series, by: str, across: str) -> evidence.Answer:
    """The figures broken down by two dimensions at once, in the order of their code lists."""
    return evidence.ask(
        f"""
select
    {by}_label_{{lang}} as label, {across}_label_{{lang}} as series, {data.EVIDENCE}
from {mart(theme)} as mart
where {CHOSEN}
    and list_contains($ways, broken_down_by)
order by
    {_place(by)}, {_place(across)}""",
        **_parameters(asked),
        ways=_fewest(asked, (by, across), (by, across)),
    )


def choose_by(found: pd.Series, theme: str, key: str) -> str:
    """The dimension to break down by, of those with at least two groups; `total` where there is none."""
    possible = {name: t(f"by_{name}") for name in dimensions(theme) if found[name]}
    if not possible:
        return "total"
    return state.switch(t("choose_by"), possible, key)


def choose_asked(found: pd.DataFrame, key: str, default: str | None = None) -> pd.Series:
    """Who was asked, by name; the row of `asked`."""
    names = found.set_index("code")["label"].to_dict()
    code = state.choose(t("choose_asked"), names, key, default=default)
    return found[found["code"] == code].iloc[0]


def draw(answer: evidence.Answer, key: str, title: str, **frame: object) -> None:
    """The figure: a dot a row, on the unit of its rows."""
    unit = answer.rows["unit"].iloc[0] if len(answer.rows) else ""
    figures.figure(
        key, title, answer, lambda rows, look: [charts.dots(rows, look, x_title=unit)], can_sort=True, **frame
    )
