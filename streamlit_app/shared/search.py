"""Search over everything from every page: indicators, industries, areas, barriers, questions, publishers, surveys."""

from __future__ import annotations

import unicodedata

import pandas as pd
import streamlit as st

from shared import data, state
from shared.text import plain, t

# Every kind of thing with its words in both languages, and the page and filters that show it.
THINGS = """
with asked as (
    select distinct
        indicator_id, theme, survey_wave_id || '.' || base_population_id || '.' || unit_of_measure as code,
        industry_id, region_id, size_class_id, technology_id, count(*) over (partition by indicator_id) as figures
    from marts.mart_all_themes
    where observation_value is not null and observation_status <> 'label_uncertain' and evidence_type = 'published'
        and theme in (select distinct theme from marts.dim_indicators) and theme <> 'response'
),
found as (
    select
        'indicator' as kind, indicators.label_da, indicators.label_en, coalesce(indicators.definition_en, '') as more,
        'explore' as page, 'indicator=' || asked.theme || '.' || asked.indicator_id as address
    from marts.dim_indicators as indicators join asked using (indicator_id)
    union all
    select
        'industry', industries.label_da, industries.label_en, '', 'explore',
        'indicator=' || asked.theme || '.' || asked.indicator_id || '&asked=' || asked.code || '&by=industry'
    from marts.dim_industries as industries join asked using (industry_id)
    where industry_id not in ('total', 'undetermined')
    union all
    select
        'region', regions.label_da, regions.label_en, '', 'explore',
        'indicator=' || asked.theme || '.' || asked.indicator_id || '&asked=' || asked.code || '&by=region'
    from marts.dim_regions as regions join asked using (region_id) where region_id not in ('total', 'undetermined')
    union all
    select
        'technology', technologies.label_da, technologies.label_en, '', 'explore',
        'indicator=' || asked.theme || '.' || asked.indicator_id || '&asked=' || asked.code || '&by=technology'
    from marts.dim_technologies as technologies join asked using (technology_id)
    where technology_id not in ('total', 'undetermined')
    union all
    select 'barrier', barriers.label_da, barriers.label_en, '', 'barriers', 'survey=' || min(mart.survey_wave_id)
    from marts.dim_barriers as barriers join marts.mart_barriers as mart using (barrier_id)
    where barrier_id not in ('total', 'undetermined') and mart.indicator_id = 'barrier'
    group by all
    union all
    select 'question', wording_da, wording_en, '', 'sources', 'part=questions' from marts.dim_questions
    union all
    select 'publisher', publisher || ': ' || title_da, publisher || ': ' || title_en, coalesce(citation, ''),
        'sources', 'part=publications'
    from marts.dim_publications
    union all
    select 'survey', surveys.label_da || ', ' || waves.label_da, surveys.label_en || ', ' || waves.label_en, '',
        'surveys', 'wave=' || waves.survey_wave_id
    from marts.dim_survey_waves as waves join marts.dim_surveys as surveys using (survey_id)
    union all
    select
        'official', indicator_label_da || ', ' || area_label_da, indicator_label_en || ', ' || area_label_en,
        family_label_da || ' ' || family_label_en, 'official', 'lang={lang}'
    from marts.mart_official
)
select kind, label_{lang} as label, label_da || ' ' || label_en || ' ' || more as words, page, min(address) as address
from found where label_da is not null group by all order by kind, label"""
MOST = 12
# The words of readers for those of the labels.
SAME = {"ki": "ai", "kunstig": "ai", "dst": "danmarks statistik", "sme": "smv", "kapacitet": "viden"}


def folded(text: str) -> str:
    """A text as it is searched: small letters, without accents; æ, ø and å stay letters of their own."""
    kept = text.lower().replace("å", "\0")
    plain_letters = "".join(sign for sign in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(sign))
    return plain_letters.replace("\0", "å")


def matches(things: pd.DataFrame, words: str) -> pd.DataFrame:
    """The things that hold every word; those whose label begins with the words first."""
    asked = [folded(word) for word in words.split()]
    if not asked:
        return things.iloc[:0]
    text = things["words"].map(folded)
    holds = pd.Series(True, index=things.index)
    for word in asked:
        holds &= text.map(lambda said, word=word: word in said or SAME.get(word, word) in said)
    found = things[holds]
    begins = found["label"].map(folded).str.startswith(" ".join(asked))
    return found.assign(place=~begins).sort_values(["place", "label"], kind="stable")


@st.fragment
def box() -> None:
    """The field, and what it finds, each with the way to its page."""
    words = st.text_input(
        t("search"),
        key="search_words",
        placeholder=t("search_example"),
        label_visibility="collapsed",
        icon=":material/search:",
    )
    if not words.strip():
        return
    found = matches(data.query(THINGS), words)
    if found.empty:
        st.info(t("search_none", words=plain(words)))
        return
    st.caption(t("search_found", n=len(found), most=min(MOST, len(found))))
    for thing in found.head(MOST).to_dict("records"):
        filters = dict(part.split("=", 1) for part in thing["address"].split("&"))
        label = f"{plain(thing['label'])} – {t('kind_' + thing['kind'])}"
        st.page_link(f"pages/{thing['page']}.py", label=label, query_params=state.carried() | filters)
