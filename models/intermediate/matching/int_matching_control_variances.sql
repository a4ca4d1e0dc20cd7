-- s_j^2: variance of the outcome over a used control and its nearest other untreated rows; 0 where there are too few of them.
with neighbours as (
    select * from {{ ref('int_matching_control_neighbours') }}
),

members as (
    select
        matching_number,
        control_number,
        neighbour_number as member_number,
    from neighbours
    union all
    select distinct
        matching_number,
        control_number,
        control_number as member_number,
    from neighbours
),

member_outcomes as (
    select
        comparisons.comparison_number,
        members.control_number,
        firms.outcomes[comparisons.outcome_number] as outcome,
    from members
    inner join {{ ref('int_matching_rows') }} as firms
        on members.matching_number = firms.matching_number
        and members.member_number = firms.firm_number
    inner join {{ ref('stg_matching__comparisons') }} as comparisons on members.matching_number = comparisons.matching_number
),

means as (
    select
        comparison_number,
        control_number,
        count(*) as members,
        {{ ordered_sum('outcome') }} / count(*) as mean,
    from member_outcomes
    group by comparison_number, control_number
)

select
    means.comparison_number,
    means.control_number,
    {{ ordered_sum('power(member_outcomes.outcome - means.mean, 2)') }} / (any_value(means.members) - 1) as outcome_variance,
from means
inner join member_outcomes
    on means.comparison_number = member_outcomes.comparison_number
    and means.control_number = member_outcomes.control_number
group by means.comparison_number, means.control_number
