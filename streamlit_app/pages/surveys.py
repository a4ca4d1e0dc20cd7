"""Surveys: any loaded survey wave: who was asked and answered, all its figures, differences, tests, quality."""

from __future__ import annotations

import streamlit as st
from shared import breakdown, data, evidence, figures, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import lower_first, number, plain, t

# Every wave with a figure of the kind of evidence; those with answers loaded here come first.
WAVES = """
select
    mart.survey_wave_id, any_value(mart.survey_label_{lang} || ', ' || lcase(mart.survey_wave_label_{lang})) as label,
    count(*) as figures
from marts.mart_all_themes as mart
where mart.evidence_type = $evidence and mart.observation_value is not null
group by mart.survey_wave_id
order by label"""

RESPONSE = """
select
    invited, answered, valid, response_rate_percent, population_{lang} as population, publication_id,
    modes.label_{lang} as mode, weights.label_{lang} as weighting, design_effect, design_effect_basis
from marts.dim_survey_waves as waves
left join marts.dim_codes as modes on modes.codelist_id = 'collection_modes' and modes.code_id = waves.collection_mode
left join marts.dim_codes as weights
    on weights.codelist_id = 'weighting_methods' and weights.code_id = waves.weighting_method
where survey_wave_id = $wave"""

INDICATORS = """
select
    mart.theme || '.' || mart.indicator_id as code, any_value(mart.indicator_label_{lang}) as label
from marts.mart_all_themes as mart
where mart.survey_wave_id = $wave and mart.evidence_type = $evidence and mart.observation_value is not null
    and mart.observation_status <> 'label_uncertain'
group by code
order by count(*) desc, label"""

QUALITY = """
select
    coalesce(observation_status_label_{lang}, '–') as grade, count(*) as figures,
    count(*) filter (where observation_value is null) as withheld
from marts.mart_all_themes
where survey_wave_id = $wave and evidence_type = $evidence
group by grade order by figures desc"""

DIFFERENCES = """
select
    title_{lang} as indicator, from_label_{lang} as from_label, to_label_{lang} as to_label, difference,
    ci_lower, ci_upper, p_value, change_id, evidence_type, source_file
from marts.fct_changes
where to_survey_wave_id = $wave and evidence_type = $evidence
    and (change_type = 'wave' or evidence_type = 'published')
order by ci_lower is null, abs(difference) desc, change_id"""

QUESTIONS = """
select question_number, wording_{lang} as wording, source_lines, question_id
from marts.dim_questions where survey_wave_id = $wave order by question_number, question_id"""

# Two groups of the wave, the most certain first; those of the rest of a breakdown are in the release.
GROUP_DIFFERENCES = """
select
    measure_label_{lang} as indicator, segment_label_a_{lang} as group_a, segment_label_b_{lang} as group_b,
    difference, ci_lower, ci_upper, p_value, p_holm, difference_id, evidence_type, source_file
from marts.fct_differences
where survey_wave_id = $wave and evidence_type = $evidence and comparison_kind <> 'rest'
order by p_holm, difference_id"""

TESTS = """
select
    coalesce(wording_{lang}, item_id) as wording,
    array_to_string(list_transform(
        string_split_regex(breakdown_columns, ', *'), lambda name: coalesce($words[list_position($columns, name)], name)
    ), ' × ') as breakdown, breakdown_id, test_statistic, numerator_degrees_of_freedom,
    denominator_degrees_of_freedom, p_value, test_id, evidence_type, source_file
from marts.fct_independence_tests
where survey_wave_id = $wave and evidence_type = $evidence and independence_test = 'F'
order by p_value, test_id"""

QUANTILES = """
select
    measure_label_{lang} as indicator, segment_label_{lang} as label, quantile, quantile_value, ci_lower, ci_upper,
    sample_size, quantile_id, evidence_type, source_file
from marts.fct_quantiles
where survey_wave_id = $wave and evidence_type = $evidence
order by measure_id, breakdown_id, segment, quantile"""

SHARES = """
select
    measure_label_{lang} as indicator, segment_label_{lang} as label, share_of_total, ci_lower, ci_upper, sample_size,
    share_id, evidence_type, source_file
from marts.fct_shares_of_totals
where survey_wave_id = $wave and evidence_type = $evidence
order by measure_id, breakdown_id, share_of_total desc"""

# The columns of a breakdown that the app has words for.
BY = [*breakdown.DIMENSIONS, "barrier"]
BOUNDS = ["ci_lower", "ci_upper"]
# What a survey with responses has beyond its levels: section, query, columns.
FURTHER = [
    ("survey_differences", DIFFERENCES, ["indicator", "difference", "from_label", "to_label", *BOUNDS, "p_value"]),
    ("survey_groups", GROUP_DIFFERENCES, ["indicator", "group_a", "group_b", "difference", *BOUNDS, "p_holm"]),
    ("survey_tests", TESTS, ["wording", "breakdown", "test_statistic", "p_value"]),
    ("survey_quantiles", QUANTILES, ["indicator", "label", "quantile", "quantile_value", *BOUNDS, "sample_size"]),
    ("survey_shares", SHARES, ["indicator", "label", "share_of_total", *BOUNDS, "sample_size"]),
]  # fmt: skip


def response(wave: str) -> None:
    """Whom the survey asked, how many answered."""
    st.header(t("survey_response"), anchor="response")
    row = data.query(RESPONSE, wave=wave).iloc[0]
    counts = [("col_invited", row["invited"], 0), ("col_answered", row["answered"], 0), ("col_valid", row["valid"], 0)]
    counts.append(("col_response_rate_percent", row["response_rate_percent"], 1))
    for column, (name, value, decimals) in zip(st.columns(4), counts, strict=True):
        is_known = value == value and value is not None
        text = number(value, decimals) + ("\u00a0%" if decimals else "") if is_known else "–"
        column.metric(t(name), text, help=None if is_known else t("method_unknown"))
    for name in ("population", "mode", "weighting"):
        if isinstance(row[name], str):
            said = row[name] if name == "population" else lower_first(row[name])
            st.markdown(plain(t(f"method_{name}", **{("population" if name == "population" else "what"): said})))


@part
def tables(wave: str) -> None:
    """An indicator at a time, broken down as the survey allows."""
    st.header(t("survey_figures"), anchor="figures")
    names = data.query(INDICATORS, wave=wave, evidence=evidence.chosen()).set_index("code")["label"].to_dict()
    theme, indicator = state.choose(t("choose_indicator"), names, "indicator").split(".")
    asked = breakdown.asked(theme, indicator)
    asked = breakdown.choose_asked(asked[asked["code"].str.startswith(f"{wave}.")], "asked")
    by = breakdown.choose_by(asked, theme, "by")
    only, items = breakdown.choose_items(theme, asked, by)
    answer = breakdown.rows(theme, asked, by, **only)
    title = ": ".join([names[f"{theme}.{indicator}"], *items])
    breakdown.draw(answer, "survey", t("explore_title", indicator=title, by=t(f"title_{by}")), noun=t(f"noun_{by}"))


def quality(wave: str) -> None:
    """How many figures are as good as printed or estimated, and how many are held back."""
    rows = data.query(QUALITY, wave=wave, evidence=evidence.chosen())
    st.header(t("survey_quality"), anchor="quality")
    said = [
        t("quality_said", n=number(row["figures"]), grade=lower_first(row["grade"])) for row in rows.to_dict("records")
    ]
    st.markdown("\n".join(f"- {plain(text)}" for text in said))
    withheld = int(rows["withheld"].sum())
    if withheld:
        st.caption(t("withheld_said", n=number(withheld)))


def further(wave: str) -> None:
    """Differences, tests, quantiles and shares of totals, each where the survey has any."""
    for section, query, columns in FURTHER:
        named = {"columns": [f"{name}_id" for name in BY], "words": [t(f"by_{name}") for name in BY]}
        answer = evidence.ask(
            query, wave=wave, evidence=evidence.chosen(), **(named if section == "survey_tests" else {})
        )
        if len(answer.rows):
            figures.section(section, t(section), answer, columns)


def questions(wave: str) -> None:
    """What was asked, where the release has it."""
    answer = evidence.ask(QUESTIONS, wave=wave)
    if len(answer.rows):
        columns = ["question_number", "wording", "source_lines"]
        figures.section("survey_questions", t("survey_questions"), answer, columns)


@part
def survey() -> None:
    """One survey wave of the reader's choice, whole."""
    names = data.query(WAVES, evidence=evidence.chosen()).set_index("survey_wave_id")["label"].to_dict()
    wave = state.choose(t("choose_survey_wave"), names, "wave")
    response(wave)
    tables(wave)
    further(wave)
    quality(wave)
    questions(wave)


def page() -> None:
    """Draw the page."""
    heading("surveys")
    survey()


show(page)
