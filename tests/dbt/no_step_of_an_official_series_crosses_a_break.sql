-- Looked up from the catalogue itself: no difference, growth or slope has a documented break between its two periods, and no rank is
-- taken among areas that other breaks lie before.
with crossed as (
    select distinct steps.step_id
    from {{ ref('fct_official_steps') }} as steps
    inner join {{ ref('mart_official') }} as figures on steps.to_official_figure_id = figures.official_figure_id
    inner join {{ ref('fct_series_breaks') }} as breaks
        on figures.series_family = breaks.series_family
        and breaks.official_indicator in ('all', figures.official_indicator)
        and breaks.area_code in ('all', figures.area_code)
        and steps.to_period > breaks.from_period
        and steps.from_period < breaks.to_period
)

select steps.step_id
from {{ ref('fct_official_steps') }} as steps
left join crossed on steps.step_id = crossed.step_id
where
    (crossed.step_id is not null and not steps.is_break)
    or (steps.is_break and coalesce(steps.difference, steps.growth_percent, steps.difference_per_year) is not null)
