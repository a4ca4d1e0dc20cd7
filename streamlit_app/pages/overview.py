"""Overview: the range of published AI-use figures, and why any two of them differ."""

import pandas as pd
import streamlit as st
from shared import charts, data, figures
from shared.navigation import show
from shared.text import lower_first, t

# One row per headline figure; a figure that is not published has a row without a value.
HEADLINES = f"""
with headlines as (
    select
        headline_id, observation_id, label_{{lang}} as label,
        survey_wave_id, comparability_group_id as group_id
    from marts.fct_headline_figures
),
groups as (
    select comparability_group_id as group_id, title_{{lang}} as group_title from marts.dim_comparability_groups
),
waves as (
    select
        survey_wave_id, publication_id as wave_publication_id, population_{{lang}} as wave_population,
        label_{{lang}} as wave_label
    from marts.dim_survey_waves
),
evidence as (select {data.EVIDENCE} from marts.mart_adoption)
select
    headlines.headline_id, headlines.label, groups.group_title,
    coalesce(evidence.publication_id, waves.wave_publication_id) as publication_id,
    coalesce(evidence.base_population, waves.wave_population) as base_population,
    coalesce(evidence.survey_wave, waves.wave_label) as survey_wave,
    coalesce(evidence.value_text, $not_published) as value_text,
    coalesce(evidence.status_marks, '') as status_marks,
    evidence.* exclude (publication_id, base_population, survey_wave, value_text, status_marks)
from headlines
left join evidence using (observation_id)
left join groups using (group_id)
left join waves using (survey_wave_id)
order by evidence.observation_value desc nulls last"""

PAIRS = """
select count(*) as pairs, count(*) filter (where is_comparable) as comparable_pairs from marts.fct_comparability"""

PAIR = """
select
    left_label_{lang} as left_label, right_label_{lang} as right_label,
    left_value_text_{lang} as left_value, right_value_text_{lang} as right_value,
    left_value is null as is_left_absent, right_value is null as is_right_absent,
    is_comparable, differing_facet_count, comparison_id
from marts.fct_comparability
where (left_headline_id = $one and right_headline_id = $other)
    or (left_headline_id = $other and right_headline_id = $one)"""

FACETS = """
select
    facet_label_{lang} as label, is_different,
    left_facet_value_{lang} as left_value, right_facet_value_{lang} as right_value
from marts.fct_comparability_facets where comparison_id = $comparison order by sort_order"""


def headline_numbers(headlines: pd.DataFrame) -> None:
    """The range in one sentence and three numbers."""
    valued = headlines.dropna(subset=["observation_value"])
    highest, lowest = valued.iloc[0], valued.iloc[-1]
    st.write(t("overview_lead", low=lowest["value_text"], high=highest["value_text"]))
    pairs = data.query(PAIRS).iloc[0]
    columns = st.columns(3)
    columns[0].metric(t("lowest"), lowest["value_text"], lowest["label"], delta_color="off", delta_arrow="off")
    columns[1].metric(t("highest"), highest["value_text"], highest["label"], delta_color="off", delta_arrow="off")
    columns[2].metric(t("comparable_pairs"), t("of", part=pairs["comparable_pairs"], whole=pairs["pairs"]))


def range_figure(headlines: pd.DataFrame) -> None:
    """All headline figures on one axis, coloured by comparability group."""
    note = t(
        "range_note",
        values=int(headlines["observation_value"].notna().sum()),
        groups=headlines["group_title"].nunique(),
    )
    figures.figure(
        "ai_use_range",
        t("range_title"),
        headlines,
        lambda: [charts.dots(headlines, t("percent"), colour_by="group_title")],
        note=note,
    )


def explanation(headlines: pd.DataFrame) -> None:
    """Two boxes to choose two figures, and what separates them."""
    st.subheader(t("why_title"), anchor="why")
    names = {row["headline_id"]: f"{row['label']}: {row['value_text']}" for row in headlines.to_dict("records")}
    lowest = headlines.dropna(subset=["observation_value"])["headline_id"].iloc[-1]
    left, right = st.columns(2)
    with left:
        one = figures.choose(t("first_figure"), names, "one")
    with right:
        other = figures.choose(t("second_figure"), names, "other", default=lowest)
    if one == other:
        st.info(t("choose_two"))
        return
    pair = data.query(PAIR, one=one, other=other).iloc[0]
    facets = data.query(FACETS, comparison=pair["comparison_id"])
    st.write(why(pair, facets))
    differing = facets[facets["is_different"]].drop(columns="is_different")
    if not differing.empty:
        differing.columns = [t("facet"), pair["left_label"], pair["right_label"]]
        st.table(differing.set_index(t("facet")))


def why(pair: pd.Series, facets: pd.DataFrame) -> str:
    """One plain sentence on whether and why not the two may be compared."""
    differing = [lower_first(label) for label in facets[facets["is_different"]]["label"]]
    names = {side: {side: pair[f"{side}_label"], f"{side}_value": pair[f"{side}_value"]} for side in ("left", "right")}
    key = "why_same" if pair["is_comparable"] else "why_not"
    sentence = t(
        key,
        **names["left"],
        **names["right"],
        differing=pair["differing_facet_count"],
        all=len(facets),
        facets=", ".join(differing),
    )
    absent = [t("why_absent", label=pair[f"{side}_label"]) for side in ("left", "right") if pair[f"is_{side}_absent"]]
    return " ".join([sentence, *absent])


def page() -> None:
    """Draw the page."""
    st.title(t("nav_overview"), anchor=False)
    headlines = data.query(HEADLINES, not_published=t("not_published"))
    headline_numbers(headlines)
    range_figure(headlines)
    explanation(headlines)


show(page)
