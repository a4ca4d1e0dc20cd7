-- Of several sources for one figure the one that says most stands for it: its office before others, exact before loose, more digits.
with figures as (
    select * from {{ ref('stg_official__figures') }}
)

select
    *,
    series_family || '/' || official_indicator || '/' || area_code || '/' || official_size || '/' || official_industry
    || '/' || unit_of_measure as series_id,
    count(*) over (
        partition by series_family, official_indicator, area_code, official_size, official_industry, unit_of_measure, time_period
    ) as print_count,
from figures
qualify row_number() over (
    partition by series_family, official_indicator, area_code, official_size, official_industry, unit_of_measure, time_period
    order by
        case source_kind when 'primary' then 1 when 'extract' then 2 else 3 end,
        value_qualifier <> '=',
        printed_decimals desc,
        official_figure_id
) = 1
