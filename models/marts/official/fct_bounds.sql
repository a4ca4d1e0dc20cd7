with cases as (
    select * from {{ ref('stg_official__bound_cases') }}
),

solved as (
    select * from {{ ref('int_bounds_solved') }}
),

figures as (
    select * from {{ ref('stg_official__figures') }}
),

compared as (
    select
        cases.bound_id,
        cases.label_da,
        cases.label_en,
        cases.facet,
        cases.target_event,
        cases.minus_event,
        solved.bound_lower,
        solved.bound_upper,
        solved.premise_count,
        cases.compared_figure_id,
        figures.observation_value - 0.5 * pow(10, -figures.printed_decimals) as compared_lower,
        figures.observation_value + 0.5 * pow(10, -figures.printed_decimals) as compared_upper,
    from cases
    inner join solved on cases.bound_id = solved.bound_id
    left join figures on cases.compared_figure_id = figures.official_figure_id
)

select
    *,
    case
        when bound_lower is null then 'premises_contradict'
        when compared_figure_id is null then 'not_compared'
        when bound_lower > compared_upper then 'rise_proven'
        when bound_upper < compared_lower then 'fall_proven'
        else 'not_proven'
    end as bound_verdict,
from compared
