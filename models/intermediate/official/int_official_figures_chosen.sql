-- Of several sources for one figure the one that says most stands for it: a loaded table, then its office, exact before loose, more digits.
with printed as (
    select * from {{ ref('stg_official__figures') }}
),

loaded as (
    select * from {{ ref('int_official_figures_loaded') }}
),

figures as (
    select
        printed.*,
        false as is_loaded,
        '' as observation_flag,
        'normal' as observation_status,
        cast(null as varchar) as base_population,
        cast(null as varchar) as question_wording,
    from printed
    union all by name
    select
        loaded.* exclude (is_flagged_break),
        true as is_loaded,
        '=' as value_qualifier,
        'primary' as source_kind,
    from loaded
)

select
    * exclude (is_loaded),
    series_family || '/' || official_indicator || '/' || area_code || '/' || official_size || '/' || official_industry
    || '/' || unit_of_measure as series_id,
    count(*) over (
        partition by series_family, official_indicator, area_code, official_size, official_industry, unit_of_measure, time_period
    ) as print_count,
from figures
qualify row_number() over (
    partition by series_family, official_indicator, area_code, official_size, official_industry, unit_of_measure, time_period
    order by
        observation_value is null asc,
        is_loaded desc,
        case source_kind when 'primary' then 1 when 'extract' then 2 else 3 end asc,
        value_qualifier <> '=' asc,
        printed_decimals desc,
        official_figure_id asc
) = 1
