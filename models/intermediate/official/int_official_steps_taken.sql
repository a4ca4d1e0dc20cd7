-- A step over a break has its words and no difference: neither SQL nor a chart can take one from it.
with figures as (
    select * from {{ ref('int_official_figures_placed') }}
),

breaks as (
    select * from {{ ref('int_official_breaks') }}
),

neighbours as (
    select
        later.*,
        lag(later.official_figure_id) over series as from_official_figure_id,
        lag(later.time_period) over series as from_period,
        lag(later.observation_value) over series as from_value,
        lag(later.value_qualifier) over series as from_qualifier,
        lag(later.stretch_id) over series as from_stretch_id,
    from figures as later
    where later.observation_value is not null
    window series as (partition by later.series_id order by later.time_period)
),

words as (
    select
        neighbours.official_figure_id,
        string_agg(breaks.what_changed_da, '; ' order by breaks.break_id) as break_words_da,
        string_agg(breaks.what_changed_en, '; ' order by breaks.break_id) as break_words_en,
    from neighbours
    inner join breaks
        on neighbours.series_family = breaks.series_family
        and breaks.official_indicator in ('all', neighbours.official_indicator)
        and breaks.area_code in ('all', neighbours.area_code)
        and neighbours.time_period > breaks.from_period
        and neighbours.from_period < breaks.to_period
    group by neighbours.official_figure_id
),

judged as (
    select
        neighbours.*,
        words.break_words_da,
        words.break_words_en,
        -- the breaks themselves and the stretches must both allow the step
        neighbours.stretch_id <> neighbours.from_stretch_id or words.break_words_en is not null as is_break,
        neighbours.value_qualifier = '=' and neighbours.from_qualifier = '=' as is_exact,
    from neighbours
    left join words on neighbours.official_figure_id = words.official_figure_id
    where neighbours.from_period is not null
)

select
    series_id || '/' || from_period || '/' || time_period as step_id,
    series_id,
    from_official_figure_id,
    official_figure_id as to_official_figure_id,
    from_period,
    time_period as to_period,
    from_value,
    observation_value as to_value,
    unit_of_measure,
    is_break,
    break_words_da,
    break_words_en,
    case when not is_break and is_exact then observation_value - from_value end as difference,
    case when not is_break and is_exact and from_value > 0 then 100 * (observation_value / from_value - 1) end as growth_percent,
    case
        when not is_break and is_exact and length(from_period) = 4 and length(time_period) = 4
            then (observation_value - from_value) / (cast(time_period as integer) - cast(from_period as integer))
    end as difference_per_year,
from judged
