"""Barriers: ranked within one survey at a time, their parts, the help wanted, and what interviews say."""

import streamlit as st
from shared import charts, data, figures
from shared.navigation import show
from shared.text import lower_first, t

# The survey with most intervals comes first: its figures say most.
SURVEYS = """
select survey_wave_id, any_value(survey_label_{lang} || ', ' || lcase(survey_wave_label_{lang})) as label
from marts.mart_barriers
where indicator_id = 'barrier' and unit_of_measure = 'percent'
group by survey_wave_id order by count(*) > 1 desc, count(ci_lower) desc, count(*) desc"""

RANKING = f"""
select
    barrier_label_{{lang}} as label, rank_in_question, items_in_question,
    toe_category_label_{{lang}} as toe_category, {data.EVIDENCE}
from marts.mart_barriers
where indicator_id = 'barrier' and unit_of_measure = 'percent' and survey_wave_id = $wave
order by rank_in_question, observation_value desc"""

SUB_BASES = """
select mart.base_population_id, any_value(parent.label_{lang}) as label
from marts.mart_barriers as mart
join marts.dim_barriers as parent on mart.parent_barrier_id = parent.barrier_id
where mart.indicator_id = 'sub_barrier'
group by mart.base_population_id order by any_value(parent.sort_order)"""

SUB_BARRIERS = f"""
select barrier_label_{{lang}} as label, rank_in_question, {data.EVIDENCE}
from marts.mart_barriers
where indicator_id = 'sub_barrier' and base_population_id = $base
order by rank_in_question"""

# The rows that the text confirms come first; the larger of a pair carries its number to the right of the dot.
SUPPORT = f"""
select answer_category_label_{{lang}} as label, maturity_level_label_{{lang}} as series,
    observation_value = max(observation_value) over (partition by answer_category_id) as is_upper, {data.EVIDENCE}
from marts.mart_barriers
where indicator_id = 'support_need' and maturity_level_id <> 'total' and barrier_id <> 'undetermined'
order by
    bool_or(observation_status = 'label_uncertain') over (partition by answer_category_id),
    max(observation_value) over (partition by answer_category_id) desc,
    answer_category_id, maturity_level_id desc"""

TOE = """
select toe_category_label_{lang} as label, count(*) as count, count(distinct interview_id) as interviews
from marts.fct_interview_codes group by label order by count desc, label"""

CODES = """
select
    right(interview_id, 1) as interview, toe_category_label_{lang} as toe_category, theme_{lang} as toe_theme,
    source_line, publication_id, source_file, citation, interview_code_id
from marts.fct_interview_codes order by interview_id, unit_order"""

INTERVIEWS = """
select count(*) as codes, count(distinct interview_id) as interviews from marts.fct_interview_codes"""


def ranking() -> None:
    """The barriers of one survey; another survey is another chart."""
    names = data.query(SURVEYS).set_index("survey_wave_id")["label"].to_dict()
    chosen = figures.choose(t("choose_survey"), names, "survey")
    rows = data.query(RANKING, wave=chosen)
    figures.figure(
        "barriers", t("barriers_title"), rows, lambda: [charts.dots(rows, t("percent"))], note=t("barriers_note")
    )


def sub_barriers() -> None:
    """The concrete challenges of the firms that named one main barrier."""
    st.header(t("sub_title"), anchor=False)
    names = data.query(SUB_BASES).set_index("base_population_id")["label"].to_dict()
    chosen = figures.choose(t("choose_barrier"), names, "sub_base")
    rows = data.query(SUB_BARRIERS, base=chosen)
    title = t("sub_chart", barrier=lower_first(names[chosen]))
    figures.figure("sub_barriers", title, rows, lambda: [charts.dots(rows, t("percent"))], note=t("sub_note"))


def support() -> None:
    """Help wanted by firms that are far with AI and by those that are not."""
    rows = data.query(SUPPORT)
    figures.figure(
        "support", t("support_title"), rows, lambda: [charts.pairs(rows, t("percent"))], note=t("support_note")
    )


def interviews() -> None:
    """How many coded units of the interviews fall in each TOE category, and which topics they are."""
    st.subheader(t("toe_title"), anchor="toe")
    total = data.query(INTERVIEWS).iloc[0]
    st.caption(t("toe_subtitle", interviews=total["interviews"], codes=total["codes"]))
    counted, codes = data.query(TOE), data.query(CODES)
    chart_tab, table_tab = st.tabs([t("chart"), t("table")], key="tabs_toe")
    alt_text = "; ".join(f"{row['label']} {row['count']}" for row in counted.to_dict("records"))
    with chart_tab:
        st.altair_chart(charts.counts(counted, t("toe_axis")), width="stretch", key="chart_toe", alt=alt_text)
    with table_tab:
        figures.table(codes, ["interview", "toe_category", "toe_theme", "source_line"])
    figures.download("interview_codes", codes)
    st.caption(figures.source(codes))


def page() -> None:
    """Draw the page."""
    st.title(t("nav_barriers"), anchor=False)
    st.write(t("barriers_lead"))
    ranking()
    sub_barriers()
    support()
    interviews()


show(page)
