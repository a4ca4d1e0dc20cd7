"""Productivity: growth with and without AI, the indicator by area and wave, its distribution, what drives it."""

import streamlit as st
from shared import charts, data, evidence, figures, matched, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import lower_first, t

# The map: one wave, the areas of one kind where they lie.
MAP = f"""
select region_label_{{lang}} as label, regions.tile_row, regions.tile_column, {data.EVIDENCE}
from marts.mart_productivity as mart
join marts.dim_regions as regions using (region_id)
where indicator_id = 'productivity_indicator' and survey_wave_id = $wave and evidence_type = $evidence
    and broken_down_by = 'region' and regions.tile_row is not null
order by observation_value desc, label"""

# Both waves of each area, the earlier first, so that the last row is of the latest wave.
AREAS = f"""
select
    case when region_id = 'total' then $whole_country else region_label_{{lang}} end as label,
    survey_wave_label_{{lang}} as series, survey_wave_id,
    change_from_previous_wave as change, change_rounding_half_width, region_id = 'total' as is_last, {data.EVIDENCE}
from marts.mart_productivity
where indicator_id = 'productivity_indicator' and evidence_type = $evidence
    and broken_down_by in ('region', 'total')
order by region_id, is_latest_wave"""

# The six answers that make up the whole, from decrease to increase, in the latest wave.
DISTRIBUTION = f"""
select answer_category_label_{{lang}} as label, {data.EVIDENCE}
from marts.mart_productivity
where indicator_id = 'productivity_change' and list_contains($order, answer_category_id) and evidence_type = $evidence
    and broken_down_by = 'answer_category' and is_latest_wave
order by list_position($order, answer_category_id)"""

ORDER = [
    "large_decrease",
    "moderate_decrease",
    "unchanged_same_direction",
    "unchanged_no_movement",
    "moderate_increase",
    "large_increase",
]

# Figures that stand alone, in the latest wave.
SINGLES = f"""
select
    case when answer_category_id = 'total' then indicator_label_{{lang}} else answer_category_label_{{lang}} end
        as label,
    {data.EVIDENCE}
from marts.mart_productivity
where list_contains($indicators, indicator_id) and evidence_type = $evidence
    and broken_down_by in ('answer_category', 'total') and is_latest_wave
order by observation_value desc"""


@part
def areas() -> None:
    """The indicator of each business-hub area: one wave on the map, then both waves with the change."""
    st.header(t("area_header"), anchor=False)
    both = evidence.ask(AREAS, whole_country=t("whole_country"), evidence=evidence.chosen())
    names = both.rows[::-1].set_index("survey_wave_id")["series"].to_dict()
    wave = state.switch(t("choose_wave"), names, "wave")
    answer = evidence.ask(MAP, wave=wave, evidence=evidence.chosen())
    title = t("map_title", wave=lower_first(names[wave]))
    figures.figure(
        "productivity_map",
        title,
        answer,
        lambda rows, look: [charts.tiles(rows, look)],
        note=t("map_note"),
        marks="cells",
        noun=t("noun_region"),
    )
    figures.figure(
        "productivity_by_area",
        t("area_title"),
        both.in_pairs("change"),
        lambda rows, look: [charts.pairs(rows, look, x_title=t("index_points"), change_title=t("col_change"))],
        note=t("area_note") + (f" {t('area_printed')}" if evidence.chosen() == evidence.PUBLISHED else ""),
        noun=t("noun_region"),
    )


def distribution() -> None:
    """Decrease, unchanged and increase: one bar, then each part with its interval."""
    answer = evidence.ask(DISTRIBUTION, order=ORDER, evidence=evidence.chosen())
    figures.figure(
        "productivity_distribution",
        t("distribution_title"),
        answer,
        lambda rows, look: [charts.diverging(rows, look), charts.dots(rows, look, x_title=t("percent"))],
        note=t("distribution_note"),
    )


def differences() -> None:
    """Firms with and without AI as they are, not matched."""
    singles = evidence.ask(SINGLES, indicators=["employees_difference", "wage_difference"], evidence=evidence.chosen())
    figures.figure(
        "differences",
        t("difference_title"),
        singles,
        lambda rows, look: [charts.dots(rows, look, x_title=t("difference_axis"))],
        note=t("difference_caution"),
    )


def drivers() -> None:
    """What firms say contributed to their productivity."""
    answer = evidence.ask(SINGLES, indicators=["productivity_driver"], evidence=evidence.chosen())
    figures.figure(
        "drivers", t("driver_title"), answer, lambda rows, look: [charts.dots(rows, look, x_title=t("percent"))]
    )


def page() -> None:
    """Draw the page."""
    heading("productivity")
    matched.comparison()
    differences()
    areas()
    distribution()
    drivers()


show(page)
