"""Overview: how many firms use AI, why the answers differ, three doors, and any figures compared."""

import pandas as pd
import streamlit as st
from shared import charts, data, evidence, figures, findings, state
from shared.navigation import show
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
select survey_wave_id, barrier_label_{{lang}} as label, {SAID}, observation_status,
    observation_status_label_{{lang}} as observation_status_label
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
        headline_id, observation_id, label_{{lang}} as label, sort_order,
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
order by headlines.sort_order"""

PAIRS = """
select count(*) as pairs, count(*) filter (where is_comparable) as comparable_pairs from marts.fct_comparability"""

# All that is known of every pair, facet by facet.
FACETS = """
select
    pairs.left_headline_id as one, pairs.right_headline_id as other, pairs.is_comparable, facets.facet,
    facets.facet_label_{lang} as label, facets.is_different, facets.left_facet_value_{lang} as left_value,
    facets.right_facet_value_{lang} as right_value
from marts.fct_comparability as pairs join marts.fct_comparability_facets as facets using (comparison_id)
order by pairs.comparison_id, facets.sort_order"""

# The best case of "why": firms of the same size in two studies.
SAME_SIZE = f"""
select survey_wave_id, {SAID}, observation_value
from marts.mart_adoption
where indicator_id = 'ai_use' and size_class_id = $size and industry_id = 'total' and evidence_type = 'published'
    and observation_value is not null
order by observation_value desc"""


def card(question: str, value: str, meaning: str, more: list[str], page: str, **filters: str) -> None:
    """A question with the closest answer that exists, what is missing, and the way to the whole picture."""
    with st.container(border=True):
        left, right = st.columns([1, 3])
        left.metric(plain(meaning), plain(value), label_visibility="collapsed")
        with right:
            st.subheader(t(question), anchor=False)
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


def marked(row: pd.Series) -> str:
    """A value with what must be said of it: its base or label is uncertain."""
    is_normal = row["observation_status"] == "normal"
    return row["value_text"] if is_normal else f"{row['value_text']} ({lower_first(row['observation_status_label'])})"


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
        t("ask_barriers_other", survey=other["survey"], label=lower_first(other["label"]), value=marked(other))
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


def doors() -> None:
    """Three questions that lead to the pages, each with the closest answer that is published."""
    st.header(t("doors_title"), anchor="doors")
    use_card()
    barriers_card()
    pays_card()


def range_figure(headlines: evidence.Answer) -> None:
    """All headline figures on one axis, in the order of their definitions."""
    pairs = data.query(PAIRS).iloc[0]
    figures.figure(
        "ai_use_range",
        t("range_title"),
        headlines,
        lambda rows, look: [charts.dots(rows, look, x_title=t("percent"))],
        note=t("range_note", pairs=pairs["pairs"], comparable=pairs["comparable_pairs"]),
        head=st.header,
        can_sort=True,
    )


def same_size(facets: pd.DataFrame) -> None:
    """Two studies of firms with 5–9 employees side by side, and what separates them."""
    rows = data.query(SAME_SIZE, size="5_9")
    if len(rows) < 2:
        return
    pair = [rows.iloc[0], rows.iloc[-1]]
    st.header(t("pair_title"), anchor="same-size")
    for column, row in zip(st.columns(2), pair, strict=True):
        with column, st.container(border=True):
            st.metric(plain(row["survey"]), plain(row["value_text"]))
            st.caption(plain(f"{row['segment']}. {said(row)}"))
    differing, _ = compared(facets, [row["survey_wave_id"] for row in pair])
    # Both are of this size, whatever the size of the firms in the whole study.
    differing = differing.drop(index="size", errors="ignore")
    if not differing.empty:
        st.write(t("pair_why"))
        _facets_table(differing, [row["survey"] for row in pair])


def compared(facets: pd.DataFrame, chosen: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The facets in which the chosen headlines differ and those in which they do not: label, and a column for each."""
    known: dict[str, dict[str, str]] = {}
    labels, differs = {}, {}
    among = facets[facets["one"].isin(chosen) & facets["other"].isin(chosen)]
    for row in among.to_dict("records"):
        labels[row["facet"]] = row["label"]
        differs[row["facet"]] = differs.get(row["facet"], False) or bool(row["is_different"])
        known.setdefault(row["facet"], {}).update({row["one"]: row["left_value"], row["other"]: row["right_value"]})
    table = pd.DataFrame.from_dict(known, orient="index", columns=chosen).assign(label=pd.Series(labels))
    is_different = pd.Series(differs, dtype=bool).reindex(table.index, fill_value=False)
    return table[is_different], table[~is_different]


def _facets_table(differing: pd.DataFrame, names: list[str]) -> None:
    shown = differing.fillna("–").map(plain)
    shown = shown[["label", *[column for column in shown if column != "label"]]]
    shown.columns = [t("facet"), *[plain(name) for name in names]]
    st.table(shown.set_index(t("facet")))


@part
def comparison(headlines: pd.DataFrame) -> None:
    """Any figures of the reader's choice: which may be compared, and what differs."""
    st.header(t("compare_title"), anchor="compare")
    facets = data.query(FACETS)
    names = {row["headline_id"]: f"{row['label']}: {row['value_text']}" for row in headlines.to_dict("records")}
    valued = headlines.dropna(subset=["observation_value"]).sort_values("observation_value")["headline_id"]
    linked = [st.query_params[name] for name in ("one", "other") if st.query_params.get(name) in names]
    default = linked if len(linked) == 2 else [valued.iloc[-1], valued.iloc[0]]
    chosen = state.several(t("compare_choose"), names, "compare", default)
    if len(chosen) < 2:
        st.info(t("compare_more"))
        return
    pairs = facets[facets["one"].isin(chosen) & facets["other"].isin(chosen)].drop_duplicates(["one", "other"])
    may = pairs[pairs["is_comparable"].astype(bool)]
    labels = headlines.set_index("headline_id")["label"]
    if len(pairs) == 1:
        st.markdown(t("compare_none_two" if may.empty else "compare_some_two"))
    elif may.empty:
        st.markdown(t("compare_none", n=len(pairs)))
    else:
        told = "; ".join(
            f"{labels[one]} – {labels[other]}" for one, other in zip(may["one"], may["other"], strict=True)
        )
        st.markdown(plain(t("compare_some", can=len(may), n=len(pairs), pairs=told)))
    differing, same = compared(facets, chosen)
    if not differing.empty:
        st.subheader(t("compare_table"), anchor=False)
        _facets_table(differing, [labels[code] for code in chosen])
    if not same.empty:
        st.caption(plain(t("compare_same", facets=", ".join(map(lower_first, same["label"])))))
    absent = headlines[headlines["headline_id"].isin(chosen) & headlines["observation_value"].isna()]["label"]
    for label in absent:
        st.caption(plain(t("why_absent", label=label)))


def page() -> None:
    """Draw the page."""
    headlines = evidence.ask(HEADLINES, not_published=t("not_published"))
    valued = headlines.rows.dropna(subset=["observation_value"]).sort_values("observation_value")
    low, high = (findings.valued(valued.iloc[place]) for place in (0, -1))
    st.title(plain(t("overview_question", low=low, high=high)), anchor=False)
    st.markdown(t("overview_lead"))
    if evidence.chosen() != evidence.PUBLISHED:
        st.caption(t("overview_published"))
    range_figure(headlines)
    same_size(data.query(FACETS))
    doors()
    comparison(headlines.rows)


show(page)
