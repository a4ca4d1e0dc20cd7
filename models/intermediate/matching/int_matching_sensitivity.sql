-- How strong would something unobserved have to be? Bounds of the P value where it multiplies the odds of treatment by up to gamma.
-- Aligned ranks: the outcome less the mean of its matched set, ranked over all sets; T = sum of the ranks of the treated. In a set of n with
-- ranks q_1 <= ... <= q_n the largest expectation has the n - a upper ones at odds gamma: mu_a = (sum_a q + gamma sum_rest q) / (a + gamma (n - a)),
-- the variance belongs to the a with the largest mu (the larger variance where two have it). P <= 1 - Phi((T - sum mu) / sqrt(sum nu)).
-- Source: Rosenbaum (2002), Observational Studies, 4.4; for sets of several controls Gastwirth, Krieger and Rosenbaum (2000), JRSS B 62, 545-555;
-- aligned ranks: Hodges and Lehmann (1962). A control in several sets makes the bounds approximate: the sets are taken as independent.
with pair_differences as (
    select * from {{ ref('int_matching_pair_differences') }}
),

directions as (
    select
        comparison_number,
        case when estimate >= 0 then 1 else -1 end as direction,
    from {{ ref('int_matching_effects') }}
),

treated_effects as (
    select * from {{ ref('int_matching_treated_effects') }}
),

members as (
    select
        treated_effects.comparison_number,
        treated_effects.firm_number,
        cast(null as bigint) as control_number,
        treated_effects.controls + 1 as set_size,
        -- y_i less the mean of the set, (y_i + m c) / (m + 1), with c the mean of the m controls
        treated_effects.effect * treated_effects.controls / (treated_effects.controls + 1) as aligned,
    from treated_effects
    union all
    select
        pair_differences.comparison_number,
        pair_differences.firm_number,
        pair_differences.control_number,
        treated_effects.controls + 1 as set_size,
        treated_effects.effect * treated_effects.controls / (treated_effects.controls + 1) - pair_differences.difference as aligned,
    from pair_differences
    inner join treated_effects
        on pair_differences.comparison_number = treated_effects.comparison_number
        and pair_differences.firm_number = treated_effects.firm_number
),

-- equal values have the mean of their ranks; rounding keeps values that are equal but for the last bits together
ranked as (
    select
        members.comparison_number,
        members.firm_number,
        members.control_number,
        members.set_size,
        rank() over (partition by members.comparison_number order by round(members.aligned * directions.direction, 9))
        + (count(*) over (partition by members.comparison_number, round(members.aligned * directions.direction, 9)) - 1) / 2 as score,
    from members
    inner join directions on members.comparison_number = directions.comparison_number
),

cumulated as (
    select
        comparison_number,
        firm_number,
        set_size,
        row_number() over by_score as below,
        sum(score) over by_score as sum_below,
        sum(score) over whole_set as sum_all,
        sum(score * score) over by_score as squares_below,
        sum(score * score) over whole_set as squares_all,
    from ranked
    window
        by_score as (partition by comparison_number, firm_number order by score, control_number nulls first rows unbounded preceding),
        whole_set as (partition by comparison_number, firm_number)
),

gammas as (
    select unnest(generate_series(100, 300, 5)) / 100 as gamma
),

odds as (
    select
        cumulated.*,
        gammas.gamma,
        cumulated.below + gammas.gamma * (cumulated.set_size - cumulated.below) as total,
    from cumulated
    cross join gammas
    where cumulated.below < cumulated.set_size
),

expectations as (
    select
        comparison_number,
        firm_number,
        gamma,
        (sum_below + gamma * (sum_all - sum_below)) / total as expectation,
        (squares_below + gamma * (squares_all - squares_below)) / total - expectation * expectation as variance,
    from odds
),

largest as (
    select
        comparison_number,
        firm_number,
        gamma,
        arg_max({'expectation': expectation, 'variance': variance}, {'expectation': expectation, 'variance': variance}) as bound,
    from expectations
    group by comparison_number, firm_number, gamma
),

totals as (
    select
        comparison_number,
        gamma,
        {{ ordered_sum('bound.expectation') }} as expectation,
        {{ ordered_sum('bound.variance') }} as variance,
    from largest
    group by comparison_number, gamma
),

statistics as (
    select
        comparison_number,
        {{ ordered_sum('score') }} as statistic,
    from ranked
    where control_number is null
    group by comparison_number
),

deviates as (
    select
        totals.comparison_number,
        totals.gamma,
        (statistics.statistic - totals.expectation) / nullif(sqrt(totals.variance), 0) as deviate,
        {{ student_t_tail('abs(deviate)', "cast('infinity' as double)") }} / 2 as tail,
    from totals
    inner join statistics on totals.comparison_number = statistics.comparison_number
)

select
    comparison_number,
    gamma,
    deviate,
    case when deviate >= 0 then tail else 1 - tail end as p_value_bound,
from deviates
