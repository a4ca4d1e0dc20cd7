"""Over time and abroad: official series with their breaks, by size and industry, the studies in time, and bounds."""

from __future__ import annotations

import streamlit as st
from shared import charts, data, evidence, figures, findings, official, state
from shared.navigation import heading, show
from shared.parts import part
from shared.text import plain, t

INDICATOR, MOST_SERIES = "ai_use", len(charts.SHAPES)

# Every official series of one indicator in per cent: what it is about, how many periods it has.
KNOWN = f"""
select
    series_id, any_value(series_family) as family, any_value(area_code) as area, any_value(official_size) as size,
    any_value(official_industry) as industry, any_value(area_label_{{lang}}) as area_label,
    any_value(size_label_{{lang}}) as size_label, any_value(official_industry_label_{{lang}}) as industry_label,
    any_value({official.OFFICE}) as office, count(observation_value) as figures
from marts.mart_official
where official_indicator = $indicator and unit_of_measure = 'percent' and not list_contains($unofficial, series_family)
group by series_id
having count(observation_value) > 0
order by area = 'DK' desc, area = 'EU27_2020' desc, area_label, family, size, industry"""

# How a series is named in each of the figures: by what sets it apart there.
LABELS = {
    "area": f"""area_label_{{lang}} || case when official_size = 'GE10' then '' else ', ' || size_label_{{lang}} end
        || ' (' || {official.OFFICE} || ')'""",
    "size": "size_label_{lang}",
    "industry": "official_industry_label_{lang}",
}

# The other figures of one survey at one time: purposes, effects, technologies.
OTHERS = f"""
select
    indicator_label_{{lang}} as label,
    if(official_indicator = 'ai_effect_any', 'total', official_indicator) as label_id,
    {data.OFFICIAL}
from marts.mart_official as mart
where concat_ws('.', series_family, area_code, official_size, time_period) = $asked
    and official_indicator <> $indicator and official_industry = 'total' and unit_of_measure = 'percent'
order by observation_value desc, label"""

ASKED = f"""
select
    concat_ws('.', series_family, area_code, official_size, time_period) as code,
    any_value(area_label_{{lang}} || ', ' || time_period || ', ' || lcase(size_label_{{lang}})
        || ' (' || {official.OFFICE} || ')') as label
from marts.mart_official
where official_indicator <> $indicator and official_industry = 'total' and unit_of_measure = 'percent'
    and observation_value is not null and not list_contains($unofficial, series_family)
group by code having min(official_indicator) <> max(official_indicator)
order by code like '%.DK.%' desc, code desc"""

# Each headline figure at its time, with the points on which its study is unlike the official survey.
OFFICIAL_WAVE = "dst_ict_2021"
STUDIES = f"""
with unlike as (
    select
        if(pairs.left_survey_wave_id = $official, pairs.right_headline_id, pairs.left_headline_id) as headline_id,
        string_agg(lcase(facets.facet_label_{{lang}}) || ' (' || if(
            pairs.left_survey_wave_id = $official, facets.right_facet_value_{{lang}}, facets.left_facet_value_{{lang}}
        ) || ')', '; ' order by facets.sort_order) as apart
    from marts.fct_comparability as pairs
    join marts.fct_comparability_facets as facets using (comparison_id)
    where $official in (pairs.left_survey_wave_id, pairs.right_survey_wave_id) and facets.is_different
    group by all
),
evidence as (
    select {data.EVIDENCE}, reference_period as time_period from marts.mart_adoption
    where evidence_type = 'published' and regexp_matches(reference_period, '^[0-9]{{4}}')
)
select
    left(evidence.time_period, 4) || ': ' || headlines.label_{{lang}} as label, $own as series,
    coalesce(unlike.apart, $itself) as apart, headlines.sort_order, evidence.*
from marts.fct_headline_figures as headlines
join evidence using (observation_id)
left join unlike using (headline_id)
union all by name
select
    mart.time_period || ': ' || area_label_{{lang}} || ', ' || size_label_{{lang}} as label, $series as series,
    null as apart, 0 as sort_order, {data.OFFICIAL}
from marts.mart_official as mart
where mart.series_id = $official_series
order by left(time_period, 4), sort_order, time_period"""
OFFICIAL_SERIES = "dk_ict/ai_use/DK/GE10/total/percent"

BOUNDS = """
select
    bound_id as observation_id, label_{lang} as label, null::double as observation_value, bound_lower, bound_upper,
    bound_verdict, minus_event is not null as is_distance, compared_lower, compared_upper, compared_value,
    compared_period, facet_label_{lang} as facet_label, premise_count, premises_{lang} as premises,
    facet_label_{lang} as base_population, null as survey_wave, null::integer as sample_size,
    null::double as ci_lower, null::double as ci_upper, null as interval_method_label,
    null as no_interval_reason_label, null::boolean as is_interval_approximate, 'normal' as observation_status,
    null as observation_status_label, '' as status_marks, 0 as contradiction_count, false as is_cited_evidence,
    'published' as evidence_type, null as comparability_group_id, null as publication_id, null as source_file,
    null::integer as source_line,
    premise_sources as source_title, null as source_address
from marts.fct_bounds
where bound_lower is not null
order by bound_verdict = 'not_compared', bound_upper - bound_lower, bound_id"""

PREMISES = """
select
    bounds.label_{lang} as label, premises.premise_{lang} as premise, premises.lower_limit, premises.upper_limit,
    premises.premise_source, premises.event, premises.given_event, premises.official_figure_id, premises.premise_id,
    'published' as evidence_type
from marts.fct_bound_premises as premises join marts.fct_bounds as bounds using (bound_id)
order by bounds.bound_id, premises.premise_id"""

BREAKS = """
select
    families.label_{lang} as family, indicators.label_{lang} as indicator, areas.label_{lang} as area,
    breaks.from_period, breaks.to_period, kinds.label_{lang} as break_kind, breaks.what_changed_{lang} as what_changed,
    breaks.break_source, breaks.break_id, 'published' as evidence_type
from marts.fct_series_breaks as breaks
left join marts.dim_codes as families
    on families.codelist_id = 'series_families' and families.code_id = breaks.series_family
left join marts.dim_codes as indicators
    on indicators.codelist_id = 'official_indicators' and indicators.code_id = breaks.official_indicator
left join marts.dim_codes as areas on areas.codelist_id = 'official_areas' and areas.code_id = breaks.area_code
left join marts.dim_codes as kinds on kinds.codelist_id = 'break_kinds' and kinds.code_id = breaks.break_kind
order by family, breaks.from_period, breaks.to_period, breaks.break_id"""


def known() -> evidence.Answer:
    """Every official series of the share that uses AI."""
    return evidence.ask(KNOWN, indicator=INDICATOR, unofficial=list(official.UNOFFICIAL))


def over_time(key: str, title: str, label: str, series: list[str], note: str = "") -> None:
    """A figure of series over time, with the words of its breaks."""
    answer = evidence.ask(official.SERIES.replace("{label}", label), series=series, **official.words())
    told = official.told(answer.identity(), answer.rows)
    figures.figure(
        key,
        title,
        answer.holding(told.rows),
        lambda shown, look: [charts.periods(shown, look, y_title=t("percent"), breaks=official.breaks(shown))],
        note=" ".join(words for words in (told.breaks, note) if words),
        said=figures.Said(told.finding, plain(told.missing)),
    )


@part
def areas() -> None:
    """Denmark beside the EU, the Nordic countries and others, firms of all industries."""
    st.header(t("official_areas_header"), anchor="areas")
    answer = known()
    found = official.areas(answer.identity(), answer.rows)
    names = {code: area.name for code, area in found.items()}
    wished = ["dk_ict.DK.GE10", *[f"eu_ict.{area}.GE10" for area in ("EU27_2020", *official.NORDIC)]]
    default = [code for code in wished if code in names] or list(names)[:1]
    chosen = state.several(t("official_choose_series"), names, "areas", default, most=MOST_SERIES)
    if not chosen:
        st.info(t("official_choose_one"))
        return
    series = [found[code].series for code in chosen]
    over_time(
        "official_areas", t("official_areas_title"), LABELS["area"], series, nordic({a.area for a in found.values()})
    )


def nordic(areas: set[str]) -> str:
    """Which Nordic countries have no figure in the warehouse, and why."""
    labels = data.query(
        "select code_id, label_{lang} as label from marts.dim_codes where codelist_id = 'official_areas'"
    )
    named = dict(zip(labels["code_id"], labels["label"], strict=True))
    absent = [named[code] for code in official.NORDIC if code in named and code not in areas]
    return t("official_nordic_absent", areas=findings.named(absent, noun=t("noun_region"))) if absent else ""


@part
def groups(by: str) -> None:
    """One country's series by size or by industry, as one office gives them."""
    st.header(t(f"official_{by}_header"), anchor=f"by-{by}")
    answer = known()
    found = official.groups(answer.identity(), by, answer.rows)
    names = {code: group.name for code, group in found.items()}
    asked = state.choose(t("official_choose_area"), names, f"{by}.area")
    options, ids = found[asked].labels, found[asked].series
    chosen = state.several(
        t("official_choose_series"), options, f"{by}.series", list(options)[:MOST_SERIES], most=MOST_SERIES
    )
    if not chosen:
        st.info(t("official_choose_one"))
        return
    over_time(
        f"official_{by}",
        t(f"official_{by}_title", area=plain_name(names[asked])),
        LABELS[by],
        [ids[code] for code in chosen],
    )


def plain_name(label: str) -> str:
    """The name of a country and its office, as a title has it."""
    return label.rsplit(" (", 1)[0]


@part
def others() -> None:
    """What firms use AI for and what it gave, one survey at one time."""
    st.header(t("official_others_header"), anchor="others")
    names = (
        data.query(ASKED, indicator=INDICATOR, unofficial=list(official.UNOFFICIAL))
        .set_index("code")["label"]
        .to_dict()
    )
    asked = state.choose(t("choose_survey_wave"), names, "others")
    answer = evidence.ask(OTHERS, asked=asked, indicator=INDICATOR, **official.words())
    figures.figure(
        "official_others",
        t("official_others_title", asked=names[asked]),
        answer,
        lambda rows, look: [charts.dots(rows, look, x_title=t("percent"))],
        note=t("official_others_note"),
        said=figures.Said(findings.title(answer.rows, "open")),
        can_sort=True,
    )


def studies() -> None:
    """Each study of the warehouse at its time, and what keeps it apart from the official survey."""
    st.header(t("official_studies_header"), anchor="studies")
    names = {"itself": t("official_itself"), "own": t("official_own_series"), "series": t("official_itself_series")}
    answer = evidence.ask(STUDIES, official=OFFICIAL_WAVE, official_series=OFFICIAL_SERIES, **names, **official.words())
    own = answer.rows[answer.rows["series"] == names["own"]]
    figures.figure(
        "official_studies",
        t("official_studies_title"),
        answer,
        lambda rows, look: [charts.dots(rows, look, x_title=t("percent"), colour_by="series", legend=True)],
        note=t("official_studies_note"),
        said=figures.Said(t("official_studies_finding", n=own["survey_wave"].nunique())),
    )
    with st.expander(t("official_apart"), key="apart"):
        lines = [f"- **{plain(row['label'])}**: {plain(row['apart'])}." for _, row in own.iterrows()]
        st.markdown("\n".join(lines))


def bounds() -> None:
    """What published figures allow for a share under another definition."""
    st.header(t("bounds_header"), anchor="bounds")
    answer = evidence.ask(BOUNDS)
    rows = official.bounded(answer.rows)
    figures.figure(
        "official_bounds",
        t("bounds_title"),
        answer.holding(rows),
        lambda shown, look: [charts.bounds(shown, look, x_title=t("bounds_axis"))],
        note=t("bounds_note"),
        said=figures.Said(official.bounds_finding(rows), base=t("bounds_base")),
    )
    opened = st.expander(t("bounds_premises"), on_change="rerun", key="premises")
    if opened.open:
        with opened:
            columns = ["label", "premise", "lower_limit", "upper_limit", "premise_source"]
            figures.listing("bound_premises", evidence.ask(PREMISES), columns)


def catalogue() -> None:
    """Every documented break, also of series that no figure above shows."""
    opened = st.expander(t("official_breaks"), on_change="rerun", key="breaks")
    if opened.open:
        with opened:
            columns = [
                "from_period",
                "to_period",
                "what_changed",
                "family",
                "indicator",
                "area",
                "break_kind",
                "break_source",
            ]
            figures.listing("series_breaks", evidence.ask(BREAKS), columns)


def page() -> None:
    """Draw the page."""
    heading("official", follows_evidence=False)
    if evidence.chosen() != evidence.PUBLISHED:
        st.caption(t("always_published"))
    areas()
    groups("size")
    groups("industry")
    others()
    studies()
    bounds()
    catalogue()


show(page)
