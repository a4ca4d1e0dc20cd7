-- A stretch is what the same breaks lie before. A period strictly inside a break is a stretch of its own: nobody says on which side.
with figures as (
    select * from {{ ref('int_official_figures_chosen') }}
),

breaks as (
    select * from {{ ref('int_official_breaks') }}
),

passed as (
    select
        figures.official_figure_id,
        coalesce(
            string_agg(
                breaks.break_id || case when breaks.to_period > figures.time_period then ' (' || figures.time_period || ' inside)' else '' end, ' '
                order by breaks.break_id
            ),
            'none'
        ) as breaks_before,
    from figures
    left join breaks
        on figures.series_family = breaks.series_family
        and breaks.official_indicator in ('all', figures.official_indicator)
        and breaks.area_code in ('all', figures.area_code)
        and figures.time_period > breaks.from_period
    group by figures.official_figure_id
),

placed as (
    select
        figures.*,
        passed.breaks_before,
        figures.series_id || '/' || left(md5(passed.breaks_before), 8) as stretch_id,
    from figures
    inner join passed on figures.official_figure_id = passed.official_figure_id
),

-- places are given among areas of one stretch: the same breaks lie before all of them
ranked as (
    select
        official_figure_id,
        rank() over areas as place,
        count(*) over areas as areas,
    from placed
    where value_qualifier = '=' and observation_value is not null
    window areas as (
        partition by
            series_family, official_indicator, official_size, official_industry, unit_of_measure, time_period, breaks_before
        order by observation_value desc
        rows between unbounded preceding and unbounded following
    )
)

select
    placed.*,
    case when ranked.areas > 1 then ranked.place end as rank_in_stretch,
from placed
left join ranked on placed.official_figure_id = ranked.official_figure_id
