"""Productivity: the indicator by area in two waves, its distribution, and growth with and without AI."""

import streamlit as st
from shared import charts, data, figures
from shared.navigation import show
from shared.text import t

AREAS = f"""
select
    case when region_id = 'total' then $whole_country else region_label_{{lang}} end as label,
    survey_wave_label_{{lang}} as series, change_from_previous_wave as change, change_rounding_half_width,
    observation_value = max(observation_value) over (partition by region_id) as is_upper, {data.EVIDENCE}
from marts.mart_productivity
where indicator_id = 'productivity_indicator'
order by
    region_id = 'total',
    max(change_from_previous_wave) over (partition by region_id) desc,
    region_id, previous_survey_wave_id is not null"""

# The six answers that make up the whole, from decrease to increase; where a bar begins and ends is mere drawing.
DISTRIBUTION = f"""
with answers as (
    select
        answer_category_label_{{lang}} as label,
        list_position($order, answer_category_id) as position, {data.EVIDENCE}
    from marts.mart_productivity
    where indicator_id = 'productivity_change' and list_contains($order, answer_category_id)
),
stacked as (
    select *, sum(observation_value) over (order by position) as running from answers
),
middle as (
    select
        sum(observation_value) filter (where position <= 2)
        + sum(observation_value) filter (where position in (3, 4)) / 2 as centre
    from answers
)
select stacked.* exclude (running), running - observation_value - centre as bar_start, running - centre as bar_end
from stacked cross join middle
order by position"""

ORDER = [
    "large_decrease",
    "moderate_decrease",
    "unchanged_same_direction",
    "unchanged_no_movement",
    "moderate_increase",
    "large_increase",
]

GROWTH = f"""
select
    indicator_label_{{lang}} as label, ai_use_group_label_{{lang}} as series,
    observation_value = max(observation_value) over (partition by indicator_id) as is_upper, {data.EVIDENCE}
from marts.mart_productivity
where base_population_id = 'ti_matched_firms' and ai_use_group_id <> 'total' and unit_of_measure = 'percent_change'
order by max(observation_value) over (partition by indicator_id) desc, indicator_id, ai_use_group_id desc"""

SINGLES = f"""
select
    case when answer_category_id = 'total' then indicator_label_{{lang}} else answer_category_label_{{lang}} end
        as label,
    {data.EVIDENCE}
from marts.mart_productivity
where list_contains($indicators, indicator_id) and region_id = 'total'
order by observation_value desc"""


def areas() -> None:
    """The indicator of each business-hub area in both waves, with the change."""
    rows = data.query(AREAS, whole_country=t("whole_country"))
    figures.figure(
        "productivity_by_area",
        t("area_title"),
        rows,
        lambda: [charts.pairs(rows, t("index_points"), change_title=t("col_change"))],
        note=t("area_note"),
    )


def distribution() -> None:
    """Decrease, unchanged and increase: one bar, then each part with its interval."""
    rows = data.query(DISTRIBUTION, order=ORDER)
    figures.figure(
        "productivity_distribution",
        t("distribution_title"),
        rows,
        lambda: [charts.diverging(rows), charts.dots(rows, t("percent"))],
        note=t("distribution_note"),
    )


def growth() -> None:
    """Growth of matched firms with and without AI, under the report's own warning."""
    st.header(t("growth_title"), anchor=False)
    st.info(t("growth_caution"))
    rows = data.query(GROWTH)
    figures.figure("growth", t("growth_chart"), rows, lambda: [charts.pairs(rows, t("growth"))])
    singles = data.query(SINGLES, indicators=["employees_difference", "wage_difference"])
    figures.figure(
        "differences",
        t("difference_title"),
        singles,
        lambda: [charts.dots(singles, t("difference_axis"))],
        note=t("difference_caution"),
    )


def drivers() -> None:
    """What firms say contributed to their productivity."""
    rows = data.query(SINGLES, indicators=["productivity_driver"])
    figures.figure("drivers", t("driver_title"), rows, lambda: [charts.dots(rows, t("percent"))])


def page() -> None:
    """Draw the page."""
    st.title(t("nav_productivity"), anchor=False)
    st.write(t("productivity_lead"))
    areas()
    distribution()
    growth()
    drivers()


show(page)
