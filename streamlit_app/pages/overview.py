"""Overview: three questions with their answers, the range of published AI-use figures, and why any two differ."""

import pandas as pd
import streamlit as st
from shared import charts, data, evidence, figures, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import lower_first, number, plain, t

# The three cards read published figures only, whatever kind of evidence the other pages show.

# What a card says of a figure.
SAID = """
    segment_label_{lang} as segment, survey_label_{lang} as survey, survey_wave_label_{lang} as survey_wave,
    value_text_{lang} as value_text, sample_size, ci_lower, ci_upper,
    no_interval_reason_label_{lang} as no_interval_reason_label"""

# What is known of the industry, the smallest firms first: no report has the exact answer for all small firms.
USE = f"""
select survey_wave_id, base_population_id, size_class_id, unit_of_measure, {SAID}
from marts.mart_adoption
where indicator_id = 'ai_use' and industry_id = $industry and evidence_type = 'published'
order by size_class_id = 'total', reference_period desc"""

# The barrier that each survey names most; those with an interval first.
BARRIERS = f"""
select survey_wave_id, barrier_label_{{lang}} as label, {SAID}
from marts.mart_barriers
where indicator_id = 'barrier' and rank_in_question = 1 and items_in_question > 1 and evidence_type = 'published'
order by ci_lower is null, observation_value desc"""

# Productivity growth of the two groups of firms, those with AI first.
GROWTH = f"""
select {SAID}
from marts.mart_productivity
where indicator_id = 'growth_productivity' and ai_use_group_id <> 'total' and evidence_type = 'published'
order by ai_use_group_id = 'ai_users' desc"""

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
evidence as (select {data.EVIDENCE} from marts.mart_adoption where evidence_type = 'published')
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


def card(question: str, value: str, meaning: str, more: list[str], page: str, **filters: str) -> None:
    """A question with the closest answer that exists, what is missing, and the way to the whole picture."""
    with st.container(border=True):
        left, right = st.columns([1, 3])
        left.metric(plain(meaning), plain(value), label_visibility="collapsed")
        with right:
            st.header(t(question), anchor=False)
            st.markdown(f"**{plain(meaning)}.** {plain(more[0])}")
            st.caption(plain(" ".join(more[1:])))
            st.page_link(
                f"pages/{page}.py",
                label=t(f"{question}_link"),
                icon=":material/arrow_forward:",
                query_params=state.carried() | filters,
            )


def said(row: pd.Series, *others: pd.Series) -> str:
    """Who asked, how many answered (also in the groups compared with), and the interval or why there is none."""
    interval = (
        t("no_interval", reason=lower_first(row["no_interval_reason_label"]))
        if pd.isna(row["ci_lower"])
        else t("interval", low=number(row["ci_lower"]), high=number(row["ci_upper"]))
    )
    sizes = [number(of["sample_size"]) for of in (row, *others) if pd.notna(of["sample_size"])]
    size = t("n_one", n=" / ".join(sizes)) + ". " if sizes else ""
    return f"{row['survey']}, {lower_first(row['survey_wave'])}. {size}{interval}"


def use_card() -> None:
    """How many small firms in construction use AI: the smallest class that is published, and what else there is."""
    known = data.query(USE, industry="construction")
    row = known.iloc[0]
    others = [
        t("ask_use_other", segment=lower_first(other["segment"]), survey=other["survey"], value=other["value_text"])
        for _, other in known.iloc[1:].iterrows()
    ]
    missing = [] if "10_49" in set(known["size_class_id"]) else [t("ask_use_missing")]
    asked = f"{row['survey_wave_id']}.{row['base_population_id']}.{row['unit_of_measure']}"
    filters = {"asked": asked, "by": "industry", "focus": "construction"}
    card("ask_use", row["value_text"], row["segment"], [said(row), *others, *missing], "adoption", **filters)


def barriers_card() -> None:
    """What holds firms back: the barrier named most in each survey that ranks them."""
    known = data.query(BARRIERS)
    row = known.iloc[0]
    others = [
        t("ask_barriers_other", survey=other["survey"], label=lower_first(other["label"]), value=other["value_text"])
        for _, other in known.iloc[1:].iterrows()
    ]
    more = [said(row), *others, t("ask_barriers_missing")]
    card("ask_barriers", row["value_text"], row["label"], more, "barriers", survey=row["survey_wave_id"])


def pays_card() -> None:
    """Does it pay: growth with and without AI, which settles nothing."""
    known = data.query(GROWTH)
    users, others = known.iloc[0], known.iloc[1]
    meaning = t("ask_pays_meaning", one=users["value_text"], other=others["value_text"])
    card("ask_pays", "?", meaning, [said(users, others), t("ask_pays_caution")], "productivity")


def questions() -> None:
    """The three questions of a first-time reader."""
    use_card()
    barriers_card()
    pays_card()


def range_figure(headlines: evidence.Answer) -> None:
    """All headline figures on one axis, coloured by comparability group."""
    rows = headlines.rows
    pairs = data.query(PAIRS).iloc[0]
    note = t(
        "range_note", pairs=pairs["pairs"], comparable=pairs["comparable_pairs"], groups=rows["group_title"].nunique()
    )
    figures.figure(
        "ai_use_range",
        t("range_title"),
        headlines,
        lambda rows, look: [charts.dots(rows, look, x_title=t("percent"), colour_by="group_title")],
        note=note,
        head=st.header,
    )


@part
def explanation(headlines: pd.DataFrame) -> None:
    """Two boxes to choose two figures, and what separates them."""
    st.header(t("why_title"), anchor="why")
    names = {row["headline_id"]: f"{row['label']}: {row['value_text']}" for row in headlines.to_dict("records")}
    lowest = headlines.dropna(subset=["observation_value"])["headline_id"].iloc[-1]
    left, right = st.columns(2)
    with left:
        one = state.choose(t("first_figure"), names, "one")
    with right:
        other = state.choose(t("second_figure"), names, "other", default=lowest)
    if one == other:
        st.info(t("choose_two"))
        return
    pair = data.query(PAIR, one=one, other=other).iloc[0]
    facets = data.query(FACETS, comparison=pair["comparison_id"])
    st.write(plain(why(pair, facets)))
    differing = facets[facets["is_different"]].drop(columns="is_different")
    if not differing.empty:
        differing = differing.map(plain)
        differing.columns = [t("facet"), plain(pair["left_label"]), plain(pair["right_label"])]
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
    heading("overview")
    if evidence.chosen() != evidence.PUBLISHED:
        st.caption(t("overview_published"))
    questions()
    headlines = evidence.ask(HEADLINES, not_published=t("not_published"))
    range_figure(headlines)
    explanation(headlines.rows)


show(page)
