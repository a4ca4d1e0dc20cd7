"""Adoption: who uses AI, how digital they are, which technologies, how far they have come."""

import streamlit as st
from shared import charts, data, figures
from shared.navigation import show
from shared.text import lower_first, t

INDUSTRY = f"""
select industry_label_{{lang}} as label, {data.EVIDENCE}
from marts.mart_adoption
where indicator_id = $indicator and survey_wave_id = 'dst_micro_2023' and unit_of_measure = 'percent'
    and base_population_id = 'dst_micro_firms'
order by industry_id = 'total' desc, observation_value desc"""

CAISA = f"""
select segment_label_{{lang}} as label, {data.EVIDENCE}
from marts.mart_adoption
where indicator_id = 'ai_use' and survey_wave_id = 'caisa_2024'
order by industry_id = 'total' and size_class_id = 'total' desc, observation_value desc"""

# Digitalisation indicators that are printed for industries, not only for all firms.
INDICATORS = """
select indicator_id, any_value(indicator_label_{lang}) as label
from marts.mart_adoption
where construct = 'digitalisation' and industry_id <> 'total'
group by indicator_id order by label"""

TECHNOLOGY_BASES = """
select base_population_id, any_value(base_population_label_{lang}) as label
from marts.mart_adoption
where indicator_id = 'ai_technology_use' and technology_id <> 'undetermined' and unit_of_measure = 'percent'
group by base_population_id order by count(*) desc, label"""

TECHNOLOGY = f"""
select technology_label_{{lang}} as label, {data.EVIDENCE}
from marts.mart_adoption
where indicator_id = 'ai_technology_use' and technology_id <> 'undetermined' and unit_of_measure = 'percent'
    and base_population_id = $base
order by observation_value desc, label"""

# A figure whose label is not settled must not be drawn as if it were.
UNDETERMINED = f"""
select indicator_label_{{lang}} as label, label_position, {data.EVIDENCE}
from marts.mart_adoption
where 'undetermined' in (industry_id, size_class_id, technology_id, answer_category_id)
order by publication_id, indicator_id, source_line"""

ANSWERS = f"""
select mart.answer_category_label_{{lang}} as label, {data.EVIDENCE}
from marts.mart_adoption as mart
join marts.dim_answer_categories using (answer_category_id)
where mart.indicator_id = $indicator and mart.survey_wave_id = $wave and mart.unit_of_measure = 'percent'
order by dim_answer_categories.sort_order"""

PUBLISHERS = "select distinct publisher from marts.mart_adoption order by publisher"

EVERYTHING = f"""
select indicator_label_{{lang}} || ' – ' || segment_label_{{lang}} as label, publisher, {data.EVIDENCE}
from marts.mart_adoption
where $publisher is null or publisher = $publisher
order by publisher, indicator_id, source_line"""


def industries() -> None:
    """AI use by industry, in the official micro-firm survey and as far as CAISA names it."""
    micro = data.query(INDUSTRY, indicator="ai_use")
    figures.figure("ai_use_by_industry", t("industry_title"), micro, lambda: [charts.dots(micro, t("percent"))])
    caisa = data.query(CAISA)
    figures.figure(
        "ai_use_caisa", t("caisa_title"), caisa, lambda: [charts.dots(caisa, t("percent"))], note=t("caisa_note")
    )


def digitalisation() -> None:
    """One digitalisation indicator at a time by industry."""
    st.header(t("digital_header"), anchor=False)
    names = data.query(INDICATORS).set_index("indicator_id")["label"].to_dict()
    chosen = figures.choose(t("choose_indicator"), names, "indicator", default="cloud_use")
    rows = data.query(INDUSTRY, indicator=chosen)
    title = t("digital_title", indicator=names[chosen])
    figures.figure("digitalisation_by_industry", title, rows, lambda: [charts.dots(rows, t("percent"))])


def technologies() -> None:
    """Technologies within one base population at a time, and the figures without a certain label."""
    st.header(t("technology_header"), anchor=False)
    names = data.query(TECHNOLOGY_BASES).set_index("base_population_id")["label"].to_dict()
    chosen = figures.choose(t("choose_base"), names, "technology_base")
    rows = data.query(TECHNOLOGY, base=chosen)
    title = t("technology_title", base=lower_first(names[chosen]))
    figures.figure("technology_use", title, rows, lambda: [charts.dots(rows, t("percent"))])
    undetermined = data.query(UNDETERMINED)
    with st.expander(t("undetermined_title")):
        st.write(t("undetermined_note", n=len(undetermined)))
        columns = ["label", "value_text", "candidate_labels", "base_population", "survey_wave", "source_line"]
        figures.table(undetermined, columns)
        figures.download("undetermined", undetermined)
        st.caption(figures.source(undetermined))


def maturity() -> None:
    """Status, maturity and the matrix of use and priority, each in its own survey."""
    st.header(t("maturity_header"), anchor=False)
    for key, indicator, wave in (
        ("matrix", "ai_use_priority", "ti_2025"),
        ("status", "ai_status", "dania_2025"),
        ("maturity", "ai_maturity", "caisa_2024"),
    ):
        rows = data.query(ANSWERS, indicator=indicator, wave=wave)
        note = None if key == "maturity" else t(f"{key}_note")
        figures.figure(
            f"ai_{key}", t(f"{key}_title"), rows, lambda rows=rows: [charts.dots(rows, t("percent"))], note=note
        )


def everything() -> None:
    """Every row of the mart as a table."""
    st.header(t("all_adoption"), anchor=False)
    publishers = data.query(PUBLISHERS)["publisher"]
    names = {None: t("all"), **dict(zip(publishers, publishers, strict=True))}
    chosen = figures.choose(t("choose_publisher"), names, "publisher")
    rows = data.query(EVERYTHING, publisher=chosen)
    columns = ["label", "value_text", "ci_lower", "ci_upper", "sample_size", "observation_status_label"]
    figures.table(rows, [*columns, "base_population", "survey_wave", "publisher", "source_line"])
    figures.download("adoption", rows)


def page() -> None:
    """Draw the page."""
    st.title(t("nav_adoption"), anchor=False)
    st.write(t("adoption_lead"))
    industries()
    digitalisation()
    technologies()
    maturity()
    everything()


show(page)
