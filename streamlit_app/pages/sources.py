"""Sources and checks: the reports, their contradictions, what they do not publish, whom and what they asked."""

import streamlit as st
from shared import data, evidence, figures, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import t

PUBLICATIONS = """
select
    publications.publisher, publications.title_{lang} as title, kinds.label_{lang} as publication_kind,
    publications.published_year as year,
    (select count(*) from marts.fct_published_figures as f where f.publication_id = publications.publication_id)
        as figures,
    (
        select count(*) from marts.fct_source_checks as c
        where c.publication_id = publications.publication_id and c.outcome = 'contradiction'
    ) as contradictions,
    publications.citation, publications.source_file, publications.source_sha256, publications.licence_note
from marts.dim_publications as publications
left join marts.dim_codes as kinds
    on kinds.codelist_id = 'publication_kinds' and kinds.code_id = publications.publication_kind
order by publications.publisher"""

CHECK_TOTALS = """
select count(*) as checks, count(*) filter (where outcome = 'contradiction') as contradictions
from marts.fct_source_checks"""

PUBLISHERS = "select publication_id, publisher as label from marts.dim_publications order by publisher"

OUTCOMES = """
select code_id, label_{lang} as label from marts.dim_codes where codelist_id = 'check_outcomes' order by sort_order"""

CHECKS = """
select
    publisher, outcome_label_{lang} as outcome, explanation_{lang} as explanation,
    check_kind_label_{lang} as check_kind, arithmetic, computed_value, compared_value,
    source_lines, source_file, citation, check_id, publication_id
from marts.fct_source_checks
where $publication in ('all', publication_id) and $outcome in ('all', outcome)
order by publisher, check_kind, source_lines"""

NOT_PUBLISHED = """
select
    missing.publisher, missing.figure_label, missing.shows_{lang} as shows, statuses.label_{lang} as status,
    missing.source_lines, missing.source_file, missing.citation, missing.not_published_id
from marts.fct_not_published as missing
left join marts.dim_codes as statuses
    on statuses.codelist_id = 'observation_statuses' and statuses.code_id = missing.observation_status
order by missing.publisher, missing.not_published_id"""

WAVES = """
select
    surveys.label_{lang} as survey, waves.label_{lang} as survey_wave, waves.population_{lang} as population,
    modes.label_{lang} as mode, weights.label_{lang} as weighting, waves.invited, waves.answered, waves.valid,
    waves.response_rate_percent, waves.design_effect, waves.publication_id, waves.survey_wave_id
from marts.dim_survey_waves as waves
join marts.dim_surveys as surveys using (survey_id)
left join marts.dim_codes as modes on modes.codelist_id = 'collection_modes' and modes.code_id = waves.collection_mode
left join marts.dim_codes as weights
    on weights.codelist_id = 'weighting_methods' and weights.code_id = waves.weighting_method
order by waves.publication_id, waves.survey_wave_id"""

BASES = """
select
    bases.label_{lang} as base_population, surveys.label_{lang} as survey, publications.publisher, bases.source_lines,
    publications.source_file, bases.base_population_id
from marts.dim_base_populations as bases
left join marts.dim_surveys as surveys using (survey_id)
left join marts.dim_publications as publications on publications.publication_id = bases.publication_id
order by bases.publication_id, bases.base_population_id"""

QUESTIONS = """
select
    publications.publisher, questions.question_number, questions.wording_{lang} as wording,
    string_agg(options.label_{lang}, ' · ' order by options.option_order) as options,
    questions.source_lines, publications.source_file, questions.question_id
from marts.dim_questions as questions
join marts.dim_survey_waves as waves using (survey_wave_id)
left join marts.dim_publications as publications on publications.publication_id = waves.publication_id
left join marts.dim_answer_options as options using (question_id)
group by all
order by publications.publisher, questions.question_number, questions.question_id"""


def publications() -> None:
    """The five reports with how many figures they give and how many contradictions were found."""
    columns = ["publisher", "title", "publication_kind", "year", "figures", "contradictions", "citation", "source_file"]
    figures.listing("publications", evidence.ask(PUBLICATIONS), columns)


def checks() -> None:
    """The reports held against themselves, filtered by report and outcome."""
    total = data.query(CHECK_TOTALS).iloc[0]
    st.write(t("checks_headline", contradictions=total["contradictions"], checks=total["checks"]))
    reports = data.query(PUBLISHERS).set_index("publication_id")["label"].to_dict()
    outcomes = data.query(OUTCOMES).set_index("code_id")["label"].to_dict()
    left, right = st.columns(2)
    everything = {"all": t("all")}
    with left:
        report = state.choose(t("choose_publisher"), everything | reports, "report")
    with right:
        outcome = state.choose(t("choose_outcome"), everything | outcomes, "outcome", default="contradiction")
    answer = evidence.ask(CHECKS, publication=report, outcome=outcome)
    st.caption(t("checks_shown", n=len(answer.rows)))
    if answer.rows.empty:
        st.info(t("none_found"))
        return
    columns = ["explanation", "outcome", "publisher", "source_lines", "check_kind", "arithmetic"]
    figures.listing("source_checks", answer, columns)


def not_published() -> None:
    """What a report shows or asked about, but whose numbers the text does not have."""
    answer = evidence.ask(NOT_PUBLISHED)
    st.write(t("not_published_lead", n=len(answer.rows)))
    columns = ["shows", "figure_label", "publisher", "status", "source_lines"]
    figures.listing("not_published", answer, columns)


def populations() -> None:
    """Survey waves and the base populations of the figures."""
    st.subheader(t("waves"), anchor="waves")
    numbers = ["invited", "answered", "valid", "response_rate_percent"]
    columns = ["survey", "survey_wave", "population", *numbers, "mode", "weighting"]
    figures.listing("survey_waves", evidence.ask(WAVES), columns)
    st.subheader(t("bases"), anchor="bases")
    figures.listing("base_populations", evidence.ask(BASES), ["base_population", "survey", "publisher", "source_lines"])


def questions() -> None:
    """The questions asked, in short wording, with their answer options."""
    columns = ["wording", "options", "question_number", "publisher", "source_lines"]
    figures.listing("questions", evidence.ask(QUESTIONS), columns)


PARTS = {
    "publications": publications,
    "checks": checks,
    "not_published": not_published,
    "populations": populations,
    "questions": questions,
}


@part
def parts() -> None:
    """One part of the page at a time."""
    names = {name: t(f"tab_{name}") for name in PARTS}
    part = state.switch(t("choose_part"), names, "part")
    st.header(names[part], anchor=False)
    PARTS[part]()


def page() -> None:
    """Draw the page."""
    heading("sources", follows_evidence=False)
    parts()


show(page)
