-- Changes that are documented, and those that an office flags in a loaded table: from the period before, for all sizes and industries.
with flagged as (
    select
        series_family,
        official_indicator,
        area_code,
        time_period,
        min(source_title) as break_source,
    from {{ ref('int_official_figures_loaded') }}
    where is_flagged_break
    group by series_family, official_indicator, area_code, time_period
)

select * from {{ ref('stg_official__series_breaks') }}
union all by name
select
    'flag_' || lower(series_family || '_' || official_indicator || '_' || area_code) || '_' || time_period as break_id,
    series_family,
    official_indicator,
    area_code,
    cast(cast(time_period as integer) - 1 as varchar) as from_period,
    time_period as to_period,
    'flagged' as break_kind,
    'Kontoret har markeret et databrud i ' || time_period as what_changed_da,
    'The office flags a break in ' || time_period as what_changed_en,
    break_source,
from flagged
