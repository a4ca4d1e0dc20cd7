with figures as (
    select
        *,
        -- an office prints at most two decimals; what an extract has beyond them stands in the value
        format('{:,.' || least(printed_decimals, 2) || 'f}', observation_value) as printed_value
    from {{ ref('int_official_figures_placed') }}
),

intervals as (
    select * from {{ ref('int_official_intervals') }}
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

select
    figures.official_figure_id,
    figures.series_id,
    figures.stretch_id,
    figures.series_family,
    families.label_da as family_label_da,
    families.label_en as family_label_en,
    figures.official_indicator,
    indicators.label_da as indicator_label_da,
    indicators.label_en as indicator_label_en,
    figures.area_code,
    areas.label_da as area_label_da,
    areas.label_en as area_label_en,
    figures.official_size,
    sizes.label_da as size_label_da,
    sizes.label_en as size_label_en,
    figures.official_industry,
    industries.label_da as official_industry_label_da,
    industries.label_en as official_industry_label_en,
    figures.time_period,
    figures.observation_value,
    coalesce(
        case figures.value_qualifier when '<' then '< ' when '>' then '> ' when '~' then 'ca. ' else '' end
        || translate(figures.printed_value, ',.', '.,') || case when figures.unit_of_measure = 'percent' then ' %' else '' end,
        '..'
    ) as value_text_da,
    coalesce(
        case figures.value_qualifier when '<' then '< ' when '>' then '> ' when '~' then 'about ' else '' end
        || figures.printed_value || case when figures.unit_of_measure = 'percent' then '%' else '' end,
        '..'
    ) as value_text_en,
    figures.observation_status,
    statuses.label_da as observation_status_label_da,
    statuses.label_en as observation_status_label_en,
    figures.observation_flag,
    figures.unit_of_measure,
    figures.value_qualifier,
    figures.printed_decimals,
    figures.rank_in_stretch,
    intervals.sample_size,
    intervals.ci_lower,
    intervals.ci_upper,
    intervals.interval_method,
    methods.label_da as interval_method_label_da,
    methods.label_en as interval_method_label_en,
    intervals.no_interval_reason,
    reasons.label_da as no_interval_reason_label_da,
    reasons.label_en as no_interval_reason_label_en,
    figures.source_kind,
    figures.source_kind = 'primary' as is_confirmed,
    figures.print_count,
    figures.base_population,
    figures.question_wording,
    figures.source_title,
    figures.source_address,
from figures
inner join intervals on figures.official_figure_id = intervals.official_figure_id
inner join codes as families on families.codelist_id = 'series_families' and figures.series_family = families.code_id
inner join codes as indicators on indicators.codelist_id = 'official_indicators' and figures.official_indicator = indicators.code_id
inner join codes as areas on areas.codelist_id = 'official_areas' and figures.area_code = areas.code_id
inner join codes as sizes on sizes.codelist_id = 'official_sizes' and figures.official_size = sizes.code_id
inner join codes as industries on industries.codelist_id = 'official_industries' and figures.official_industry = industries.code_id
left join codes as statuses on statuses.codelist_id = 'observation_statuses' and figures.observation_status = statuses.code_id
left join codes as methods on methods.codelist_id = 'interval_methods' and intervals.interval_method = methods.code_id
left join codes as reasons on reasons.codelist_id = 'no_interval_reasons' and intervals.no_interval_reason = reasons.code_id
