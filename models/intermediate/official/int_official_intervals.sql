-- The interval that an office prints; else Wilson on the number of responses where the office gives it for all firms of the year.
with figures as (
    select * from {{ ref('int_official_figures_placed') }}
),

responses as (
    select
        series_family,
        area_code,
        official_size,
        time_period,
        min(observation_value) as respondents,
    from figures
    where official_indicator = 'survey_responses'
    group by series_family, area_code, official_size, time_period
),

computed as (
    select
        figures.official_figure_id,
        responses.respondents,
        figures.observation_value / 100 as share,
        0.5 * pow(10, -figures.printed_decimals) / 100 as half_width,
    from figures
    inner join responses
        on figures.series_family = responses.series_family
        and figures.area_code = responses.area_code
        and figures.official_size = responses.official_size
        and figures.time_period = responses.time_period
    where figures.official_indicator = 'ai_use' and figures.official_industry = 'total' and figures.value_qualifier = '='
),

wilson as (
    select
        official_figure_id,
        respondents,
        100 * {{ wilson_bound('share - half_width', 'respondents', 'lower') }} as ci_lower,
        100 * {{ wilson_bound('share + half_width', 'respondents', 'upper') }} as ci_upper,
    from computed
)

select
    figures.official_figure_id,
    cast(wilson.respondents as integer) as sample_size,
    coalesce(figures.printed_ci_lower, wilson.ci_lower) as ci_lower,
    coalesce(figures.printed_ci_upper, wilson.ci_upper) as ci_upper,
    case
        when figures.printed_ci_lower is not null then 'printed_interval'
        when wilson.ci_lower is not null then 'wilson_rounding'
    end as interval_method,
    case
        when figures.printed_ci_lower is not null or wilson.ci_lower is not null then null
        when figures.observation_status = 'suppressed' and figures.observation_value is null then 'suppressed'
        when figures.unit_of_measure = 'firms' then 'count_without_sampling_error'
        when figures.value_qualifier in ('<', '>') then 'bound_only'
        when figures.value_qualifier = '~' then 'approximate_wording'
        else 'sample_size_not_published'
    end as no_interval_reason,
from figures
left join wilson on figures.official_figure_id = wilson.official_figure_id
