"""Barriers: ranked within one survey at a time, their parts, the help wanted, and what interviews say."""

import streamlit as st
from shared import charts, data, evidence, figures, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import lower_first, t

# The survey with most intervals comes first: its figures say most.
SURVEYS = """
select survey_wave_id, any_value(survey_label_{lang} || ', ' || lcase(survey_wave_label_{lang})) as label
from marts.mart_barriers
where indicator_id = 'barrier' and unit_of_measure = 'percent' and evidence_type = $evidence
group by survey_wave_id order by count(*) > 1 desc, count(ci_lower) desc, count(*) desc"""

# Ranked as they are named, or gathered by technology, organisation and environment (TOE).
RANKING = f"""
select
    barrier_label_{{lang}} as label, rank_in_question, items_in_question,
    toe_category_label_{{lang}} as toe_category, {data.EVIDENCE}
from marts.mart_barriers
where indicator_id = 'barrier' and unit_of_measure = 'percent' and survey_wave_id = $wave
    and evidence_type = $evidence and rank_in_question is not null
    and broken_down_by in ('barrier', 'total')
order by case when $order = 'toe' then toe_category end, rank_in_question, label"""

# Whether barriers of the size that is asked for most are published by themselves.
OF_SMALL_FIRMS = """
select count(*) as figures from marts.mart_barriers
where size_class_id = '10_49' and indicator_id = 'barrier' and evidence_type = $evidence
    and observation_value is not null"""

SUB_BASES = """
select mart.base_population_id, any_value(parent.label_{lang}) as label
from marts.mart_barriers as mart
join marts.dim_barriers as parent on mart.parent_barrier_id = parent.barrier_id
where mart.indicator_id = 'sub_barrier' and mart.evidence_type = $evidence
group by mart.base_population_id order by any_value(parent.sort_order)"""

SUB_BARRIERS = f"""
select barrier_label_{{lang}} as label, rank_in_question, {data.EVIDENCE}
from marts.mart_barriers
where indicator_id = 'sub_barrier' and base_population_id = $base and evidence_type = $evidence
    and broken_down_by in ('barrier', 'total')
order by rank_in_question, label"""

# Only what the text confirms is drawn; "don't know" comes last.
SUPPORT = f"""
select answer_category_label_{{lang}} as label, maturity_level_label_{{lang}} as series,
    answer_category_id = 'dont_know' as is_last, {data.EVIDENCE}
from marts.mart_barriers
where indicator_id = 'support_need' and broken_down_by = 'maturity_level, answer_category'
    and observation_status <> 'label_uncertain' and evidence_type = $evidence
order by answer_category_id, maturity_level_id desc"""

# What the figure of the report has besides, whose labels only follow its reading order.
SUPPORT_UNSETTLED = f"""
select answer_category_label_{{lang}} as label, maturity_level_label_{{lang}} as series, {data.EVIDENCE}
from marts.mart_barriers
where indicator_id = 'support_need' and broken_down_by = 'maturity_level, answer_category'
    and observation_status = 'label_uncertain' and evidence_type = $evidence
order by source_line, maturity_level_id desc"""

# Coded units are counted, not sampled: they have an n (interviews) and no interval.
INTERVIEWS = """
select
    any_value(codes.interview_code_id) as observation_id, codes.toe_category_label_{lang} as label,
    count(*)::double as observation_value, count(*)::varchar as value_text,
    (select count(distinct interview_id) from marts.fct_interview_codes) as sample_size,
    any_value(waves.population_{lang}) as base_population, any_value(waves.label_{lang}) as survey_wave,
    null as comparability_group_id, null as interval_method, null as interval_method_label,
    reasons.code_id as no_interval_reason, reasons.label_{lang} as no_interval_reason_label,
    null::double as ci_lower, null::double as ci_upper, null::boolean as is_interval_approximate,
    'normal' as observation_status, null as observation_status_label, '' as status_marks, 0 as contradiction_count,
    false as is_cited_evidence, 'published' as evidence_type, codes.publication_id, codes.source_file,
    min(codes.source_line) as source_line, null as source_section,
    (select citation from marts.dim_publications as p where p.publication_id = codes.publication_id) as citation
from marts.fct_interview_codes as codes
join marts.dim_survey_waves as waves using (survey_wave_id)
join marts.dim_codes as reasons
    on reasons.codelist_id = 'no_interval_reasons' and reasons.code_id = 'count_without_sampling_error'
group by all order by observation_value desc, label"""

CODES = """
select
    right(interview_id, 1) as interview, toe_category_label_{lang} as toe_category, theme_{lang} as toe_theme,
    source_line, 'published' as evidence_type, publication_id, source_file, citation, interview_code_id
from marts.fct_interview_codes order by interview_id, unit_order"""


def small_firms() -> list[str]:
    """Says that no report has barriers of firms with 10–49 employees, where none has."""
    found = data.query(OF_SMALL_FIRMS, evidence=evidence.chosen())
    return [] if found["figures"].iloc[0] else [t("barriers_small_missing")]


@part
def ranking() -> None:
    """The barriers of one survey, ranked or by TOE category; another survey is another chart."""
    names = data.query(SURVEYS, evidence=evidence.chosen()).set_index("survey_wave_id")["label"].to_dict()
    st.header(t("barriers_header"), anchor="ranking")
    wave = state.choose(t("choose_survey"), names, "survey")
    order = state.switch(t("choose_order"), {"rank": t("order_rank"), "toe": t("order_toe")}, "order")
    answer = evidence.ask(RANKING, wave=wave, order=order, evidence=evidence.chosen())

    def draw(rows, look):  # noqa: ANN001, ANN202
        by_toe = {"colour_by": "toe_category", "legend": True} if order == "toe" else {}
        return [charts.dots(rows, look, x_title=t("percent"), **by_toe)]

    figures.figure(
        "barriers",
        t("barriers_title"),
        answer,
        draw,
        note=" ".join([t("barriers_note"), *small_firms()]),
        noun=t("noun_barrier"),
        can_sort=order == "rank",
    )


@part
def sub_barriers() -> None:
    """The concrete challenges of the firms that named one main barrier."""
    st.header(t("sub_title"), anchor=False)
    names = data.query(SUB_BASES, evidence=evidence.chosen()).set_index("base_population_id")["label"].to_dict()
    base = state.choose(t("choose_barrier"), names, "sub")
    answer = evidence.ask(SUB_BARRIERS, base=base, evidence=evidence.chosen())
    title = t("sub_chart", barrier=lower_first(names[base]))
    figures.figure(
        "sub_barriers",
        title,
        answer,
        lambda rows, look: [charts.dots(rows, look, x_title=t("percent"))],
        note=t("sub_note"),
        noun=t("noun_barrier"),
        can_sort=True,
    )


@part
def support() -> None:
    """Help wanted by firms that are advanced with AI and by those that are not; what is not settled is in a table."""
    st.header(t("support_header"), anchor=False)
    answer = evidence.ask(SUPPORT, evidence=evidence.chosen())
    figures.figure(
        "support",
        t("support_title"),
        answer.in_pairs(),
        lambda rows, look: [charts.pairs(rows, look, x_title=t("percent"))],
    )
    unsettled = evidence.ask(SUPPORT_UNSETTLED, evidence=evidence.chosen())
    if unsettled.rows.empty:
        return
    opened = st.expander(t("undetermined_title"), on_change="rerun", key="support_unsettled")
    if opened.open:
        with opened:
            st.write(t("undetermined_note", n=len(unsettled.rows)))
            columns = ["label", "series", "value_text", "observation_status_label", "source_line"]
            figures.listing("support_unsettled", unsettled, columns)


@part
def interviews() -> None:
    """How many coded units of the interviews fall in each TOE category, and which topics they are."""
    if evidence.chosen() != evidence.PUBLISHED:
        return
    st.header(t("toe_header"), anchor=False)
    counted = evidence.ask(INTERVIEWS)
    figures.figure(
        "interviews",
        t("toe_title"),
        counted,
        lambda rows, look: [charts.counts(rows, look, x_title=t("toe_axis"))],
        note=t("toe_note"),
    )
    topics = st.expander(t("toe_topics"), on_change="rerun", key="topics")
    if topics.open:
        with topics:
            figures.listing(
                "interview_codes", evidence.ask(CODES), ["interview", "toe_category", "toe_theme", "source_line"]
            )


def page() -> None:
    """Draw the page."""
    heading("barriers")
    ranking()
    sub_barriers()
    support()
    interviews()


show(page)
