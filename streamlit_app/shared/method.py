"""The method beside a figure: question as asked, who was asked and answered, the interval and what it assumes."""

from __future__ import annotations

import duckdb
import pandas as pd
import streamlit as st

from shared import data
from shared.text import language, lower_first, number, plain, t

METHOD = """
select
    surveys.label_{lang} as survey, waves.label_{lang} as survey_wave, waves.population_{lang} as population,
    modes.label_{lang} as mode, weights.label_{lang} as weighting, waves.invited, waves.answered, waves.valid,
    waves.response_rate_percent, waves.design_effect as assumed_design_effect, waves.design_effect_basis,
    any_value(indicators.definition_en) as definition_en, any_value(mart.indicator_label_{lang}) as indicator,
    string_agg(distinct methods.label_{lang}, '; ') as interval_method,
    string_agg(distinct methods.description_{lang}, '; ') as interval_description,
    string_agg(distinct mart.no_interval_reason_label_{lang}, '; ') as no_interval_reason,
    min(mart.design_effect) as lowest_design_effect, max(mart.design_effect) as highest_design_effect,
    min(mart.standard_error) as lowest_error, max(mart.standard_error) as highest_error,
    min(mart.sample_size) as lowest_n, max(mart.sample_size) as highest_n,
    bool_or(mart.is_interval_approximate) as is_approximate,
    string_agg(distinct mart.base_population_label_{lang}, '; ') as bases, waves.survey_wave_id, mart.indicator_id
from marts.mart_all_themes as mart
join marts.dim_survey_waves as waves using (survey_wave_id)
join marts.dim_surveys as surveys on surveys.survey_id = waves.survey_id
left join marts.dim_indicators as indicators using (indicator_id)
left join marts.dim_codes as modes on modes.codelist_id = 'collection_modes' and modes.code_id = waves.collection_mode
left join marts.dim_codes as weights
    on weights.codelist_id = 'weighting_methods' and weights.code_id = waves.weighting_method
left join marts.dim_codes as methods
    on methods.codelist_id = 'interval_methods' and methods.code_id = mart.interval_method
where list_contains($ids, mart.observation_id)
group by all
order by survey, survey_wave, indicator"""

QUESTIONS = """
select questions.question_number, questions.wording_{lang} as wording, questions.asked_of, questions.source_lines,
    string_agg(options.label_{lang}, ' · ' order by options.option_order) as options
from marts.dim_questions as questions
left join marts.dim_answer_options as options using (question_id)
where questions.survey_wave_id = $wave and questions.indicator_id = $indicator
group by all order by questions.question_number"""


# The same of official figures, an office's survey a row; the question is that of each year that it is known for.
OFFICIAL = """
select
    mart.family_label_{lang} as survey, any_value(mart.indicator_label_{lang}) as indicator,
    string_agg(distinct coalesce(mart.base_population, mart.size_label_{lang}), '; ') as population,
    string_agg(distinct mart.time_period || ': ' || mart.question_wording, ' · ') as questions,
    string_agg(distinct mart.interval_method_label_{lang}, '; ') as interval_method,
    string_agg(distinct mart.no_interval_reason_label_{lang}, '; ') as no_interval_reason,
    count(*) as figures, count(*) filter (where mart.is_confirmed) as confirmed,
    (
        select count(*) from marts.fct_official_steps as steps
        where list_contains(list(mart.official_figure_id), steps.to_official_figure_id) and steps.is_break
    ) as breaks
from marts.mart_official as mart
where list_contains($ids, mart.official_figure_id)
group by mart.series_family, survey order by survey"""

BOUNDED = "select count(*) as bounds from marts.fct_bounds where list_contains($ids, bound_id)"


def _between(low: float, high: float, decimals: int) -> str:
    first, last = number(low, decimals), number(high, decimals)
    return first if first == last else f"{first}–{last}"


def _facts(row: pd.Series) -> list[str]:
    """What is known of one survey wave behind the figure, a sentence each; what is not known is said."""
    said = [t("method_population", population=row["population"] or t("method_unknown"))]
    said.append(t("method_base", bases=row["bases"]))
    counts = [
        t(f"method_{name}", n=number(row[name])) for name in ("invited", "answered", "valid") if pd.notna(row[name])
    ]
    if pd.notna(row["response_rate_percent"]):
        counts.append(t("method_rate", rate=number(row["response_rate_percent"], 1)))
    said.append(t("method_answers", counts=", ".join(counts) or t("method_unknown")))
    if pd.notna(row["lowest_n"]):
        said.append(t("method_n", n=_between(row["lowest_n"], row["highest_n"], 0)))
    for name in ("mode", "weighting"):
        if pd.notna(row[name]):
            said.append(t(f"method_{name}", what=lower_first(row[name])))
    return said


def _uncertainty(row: pd.Series) -> list[str]:
    """The interval, its design effect and whether that is an assumption, the standard error."""
    if pd.isna(row["interval_method"]):
        reason = row["no_interval_reason"]
        return [t("method_no_interval", reason=lower_first(reason) if pd.notna(reason) else t("method_unknown"))]
    kind = "method_approximate" if row["is_approximate"] else "method_interval"
    said = [t(kind, method=row["interval_method"], description=row["interval_description"] or "")]
    if pd.notna(row["lowest_design_effect"]):
        effect = _between(row["lowest_design_effect"], row["highest_design_effect"], 2)
        is_assumed = pd.notna(row["assumed_design_effect"])
        said.append(t("method_deff_assumed" if is_assumed else "method_deff_estimated", effect=effect))
        if is_assumed and pd.notna(row["design_effect_basis"]):
            said.append(t("method_deff_basis", basis=row["design_effect_basis"]))
    if pd.notna(row["lowest_error"]):
        said.append(t("method_error", error=_between(row["lowest_error"], row["highest_error"], 2)))
    if pd.notna(row["no_interval_reason"]):
        said.append(t("method_some_without", reason=lower_first(row["no_interval_reason"])))
    return said


def _question(row: pd.Series) -> list[str]:
    questions = data.query(QUESTIONS, wave=row["survey_wave_id"], indicator=row["indicator_id"])
    if questions.empty:
        return [t("method_question_none")]
    said = []
    for asked in questions.to_dict("records"):
        options = f" {t('method_options', options=asked['options'])}" if asked["options"] else ""
        lines = f" ({t('lines', lines=asked['source_lines'])})" if asked["source_lines"] else ""
        said.append(t("method_question", wording=asked["wording"]) + options + lines)
    return said


def _official(row: pd.Series) -> list[str]:
    """What is known of an office's survey behind the figure, a sentence each."""
    said = [
        t("method_question", wording=row["questions"]) if pd.notna(row["questions"]) else t("method_question_none"),
        t("method_population", population=row["population"]),
        t("method_confirmed", n=number(row["confirmed"]), all=number(row["figures"])),
        t("method_breaks", n=number(row["breaks"])),
    ]
    if pd.notna(row["interval_method"]):
        said.append(t("method_interval", method=row["interval_method"], description="").rstrip())
    if pd.notna(row["no_interval_reason"]):
        kind = "method_some_without" if pd.notna(row["interval_method"]) else "method_no_interval"
        said.append(t(kind, reason=lower_first(row["no_interval_reason"])))
    return said


def _of_offices(ids: list[str]) -> bool:
    """Write what is known of official figures and of bounds among the ids; returns whether there are any."""
    found = data.query(OFFICIAL, ids=ids)
    for row in (found.iloc[place] for place in range(len(found))):
        st.markdown(f"**{plain(row['survey'])}: {plain(row['indicator'])}**")
        st.markdown("\n".join(f"- {plain(text)}" for text in _official(row)))
    is_bounded = bool(data.query(BOUNDED, ids=ids)["bounds"].iloc[0])
    if is_bounded:
        st.markdown(t("method_bounds"))
    return is_bounded or not found.empty


def popover(key: str, rows: pd.DataFrame) -> None:
    """The button beside a figure; what it shows is asked for when it is opened."""
    opened = st.popover(t("method"), icon=":material/info:", key=f"method_{key}", on_change="rerun")
    if not opened.open:
        return
    with opened:
        ids = [str(code) for code in rows.get("observation_id", pd.Series(dtype=str)).dropna()]
        try:
            found, is_official = data.query(METHOD, ids=ids), _of_offices(ids)
        except (duckdb.BinderException, duckdb.CatalogException):
            found, is_official = pd.DataFrame(), False
        if found.empty and is_official:
            return
        if found.empty:
            st.write(t("method_none"))
            return
        for row in (found.iloc[place] for place in range(len(found))):
            st.markdown(
                f"**{plain(row['survey'])}, {plain(lower_first(row['survey_wave']))}: {plain(row['indicator'])}**"
            )
            if language() == "en" and pd.notna(row["definition_en"]):
                st.caption(plain(row["definition_en"]))
            st.markdown("\n".join(f"- {plain(text)}" for text in [*_question(row), *_facts(row), *_uncertainty(row)]))
        st.page_link("pages/files.py", label=t("method_more"), query_params={"lang": language(), "part": "methods"})
