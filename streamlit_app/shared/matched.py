"""A matched comparison as it should be read: growth of both groups, difference, likeness, caution."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from shared import charts, data, evidence, figures
from shared.parts import part
from shared.text import lower_first, number, plain, t

GROWTH = f"""
select
    indicator_label_{{lang}} as label, ai_use_group_label_{{lang}} as series, {data.EVIDENCE}
from marts.mart_productivity
where caution_{{lang}} is not null and ai_use_group_id <> 'total' and evidence_type = $evidence
order by indicator_id, ai_use_group_id desc"""

# Firms with AI less those without. The pair is the other way round in fct_changes: signs and limits change place.
DIFFERENCE = f"""
select indicator_label_{{lang}} as label, {data.EVIDENCE}
from (
    select mart.* replace (
        changes.change_id as observation_id,
        -changes.difference as observation_value,
        replace(printf('%+.1f', -changes.difference), '.', $decimal_mark) as value_text_{{lang}},
        $unit as unit_label_{{lang}},
        -changes.ci_upper as ci_lower,
        -changes.ci_lower as ci_upper,
        changes.interval_method as interval_method,
        methods.label_{{lang}} as interval_method_label_{{lang}},
        -- a difference of two printed figures lacks what both of them lack
        case when changes.ci_lower is null then mart.no_interval_reason end as no_interval_reason,
        case when changes.ci_lower is null then mart.no_interval_reason_label_{{lang}} end
            as no_interval_reason_label_{{lang}}
    )
    from marts.mart_productivity as mart
    join marts.fct_changes as changes on mart.observation_id = changes.from_observation_id
    left join marts.dim_codes as methods
        on methods.codelist_id = 'interval_methods' and methods.code_id = changes.interval_method
    where mart.caution_{{lang}} is not null and mart.evidence_type = $evidence
        and changes.changed_dimension = 'ai_use_group_id'
) as mart
order by indicator_id"""

# The columns that a figure has, for numbers that are no observations: each term before and after matching.
BALANCE = """
with sides as (
    from marts.fct_match_balance select *, smd_before as smd, variance_ratio_before as variance_ratio,
        $before as series, 1 as position
    union all
    from marts.fct_match_balance select *, smd_after, variance_ratio_after, $after, 2
),
studies as (
    select
        study_id, max(base_population_label_{lang}) as base_population, max(study_label_{lang}) as survey_wave,
        max(treated_matched_count) as sample_size, max(source_file) as source_file
    from marts.fct_matched_comparisons
    group by study_id
)
select
    column_label_{lang} as label, series, smd as observation_value,
    replace(printf('%.2f', smd), '.', $decimal_mark) as value_text, variance_ratio, treated_outside_count,
    matching_id || '/' || column_number as observation_id, base_population, survey_wave, sample_size,
    cast(null as double) as ci_lower, cast(null as double) as ci_upper,
    cast(null as varchar) as interval_method_label, false as is_interval_approximate,
    $reason as no_interval_reason_label, cast(null as varchar) as observation_status_label,
    0 as contradiction_count, false as is_cited_evidence, evidence_type,
    matching_id || '/' || column_number as comparability_group_id,
    cast(null as varchar) as publication_id, source_file, cast(null as integer) as source_line, '' as status_marks
from sides
join studies using (study_id)
where evidence_type = $evidence and not is_suppressed
order by column_number, position"""

# One row a study: how it was matched.
DESIGN = """
select
    study_label_{lang} as study, max(treated_matched_count) as treated, max(controls_used_count) as controls,
    max(neighbour_count) as neighbours, any_value(exact_labels_{lang}) as exact,
    any_value(distance_labels_{lang}) as distance_terms, any_value(distance) as distance
from marts.fct_matched_comparisons
where evidence_type = $evidence and outcome_role = 'outcome' and matched_difference is not null
group by study_label_{lang}
order by study"""

# What a made-up register with the printed counts and means has for intervals; no row in a release without one.
WIDTH = """
select
    min((matched_ci_upper - matched_ci_lower) / 2) as narrowest,
    max((matched_ci_upper - matched_ci_lower) / 2) as widest,
    count(*) as comparisons, count_if(matched_ci_lower <= 0 and matched_ci_upper >= 0) as with_zero
from marts.fct_matched_comparisons
where evidence_type = 'synthetic' and outcome_role = 'outcome' and matched_difference is not null
having count(*) > 0"""


def _joined(terms: str) -> str:
    """'a; b; c' as words: 'a, b and c', inside a sentence."""
    words = [lower_first(plain(term)) for term in terms.split("; ") if term]
    return words[0] if len(words) == 1 else t("and_last", first=", ".join(words[:-1]), last=words[-1]) if words else ""


def _design() -> None:
    """How many firms stand behind the figures, and what they were matched on."""
    designs = data.query(DESIGN, evidence=evidence.chosen())
    if evidence.chosen() == evidence.PUBLISHED:
        st.markdown(t("matched_printed"))
    for row in designs.to_dict("records"):
        counts = {name: number(row[name]) for name in ("treated", "controls", "neighbours")}
        exact = t("matched_exact", columns=_joined(row["exact"])) if row["exact"] else ""
        said = t("matched_design", **counts, terms=_joined(row["distance_terms"]), exact=exact)
        st.markdown(f"**{plain(row['study'])}.** {said}" if len(designs) > 1 else said)


def _width() -> None:
    """What may be said of the intervals that the printed figures lack."""
    widths = data.query(WIDTH)
    if widths.empty:
        st.markdown(t("width_unknown"))
        return
    [row] = widths.to_dict("records")
    limits = {name: number(row[name], 1) for name in ("narrowest", "widest")}
    st.markdown(t("width_demonstration", **limits, zero=row["with_zero"], n=row["comparisons"]))


def _balance() -> None:
    """The love plot: standardised differences before and after matching."""
    if evidence.chosen() == evidence.PUBLISHED:
        return
    answer = evidence.ask(
        BALANCE, evidence=evidence.chosen(), before=t("before_matching"), after=t("after_matching"),
        reason=t("balance_descriptive"), decimal_mark=t("decimal_mark"),
    )  # fmt: skip
    figures.figure(
        "match_balance",
        t("balance_title"),
        answer,
        lambda rows, look: [charts.love(rows, look, x_title=t("balance_axis"))],
        note=t("balance_note"),
    )


def _growth_chart(rows: pd.DataFrame, look: charts.Look) -> list[dict]:
    """A dumbbell a row; where there are intervals each group has a row of its own, so that none covers the other."""
    if rows["ci_lower"].isna().all():
        return [charts.pairs(rows, look, x_title=t("growth"))]
    named = rows["label"] + ", " + rows["series"].map(lower_first)
    return [charts.dots(rows.assign(label=named), look, x_title=t("growth"), colour_by="series", legend=True)]


@part
def comparison() -> None:
    """The whole section: caution first, growth, difference, width, balance."""
    st.header(t("growth_title"), anchor=False)
    answer = evidence.ask(GROWTH, evidence=evidence.chosen())
    if answer.rows.empty:
        st.info(t("none_found"))
        return
    caution = t("growth_caution" if evidence.chosen() == evidence.PUBLISHED else "matched_caution")
    st.info(caution, icon=":material/info:")
    _design()
    figures.figure(
        "growth",
        t("growth_chart"),
        answer.in_pairs(),
        _growth_chart,
        caution=caution,
    )
    differences = evidence.ask(
        DIFFERENCE, evidence=evidence.chosen(), unit=t("percentage_points"), decimal_mark=t("decimal_mark")
    )
    figures.figure(
        "growth_difference",
        t("growth_difference_title"),
        differences,
        lambda rows, look: [charts.dots(rows, look, x_title=t("growth_difference_axis"))],
        caution=caution,
    )
    if evidence.chosen() == evidence.PUBLISHED:
        _width()
    _balance()
