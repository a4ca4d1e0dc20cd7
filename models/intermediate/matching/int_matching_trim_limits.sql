-- Quantile p of x_1 <= ... <= x_n: with h = (n - 1) p, linear between x_(floor h + 1) and the next (Hyndman and Fan 1996, type 7).
with outcomes as (
    select * from {{ ref('int_matching_outcomes') }}
    where left_out_reason is null
),

comparisons as (
    select * from {{ ref('stg_matching__comparisons') }}
    where lower_trim is not null or upper_trim is not null
),

sorted as (
    select
        comparisons.matching_number,
        comparisons.outcome_number,
        any_value(comparisons.lower_trim) as lower_trim,
        any_value(comparisons.upper_trim) as upper_trim,
        list_sort(list(outcomes.outcomes[comparisons.outcome_number])) as sorted_values,
    from comparisons
    inner join outcomes on comparisons.matching_number = outcomes.matching_number
    group by comparisons.matching_number, comparisons.outcome_number
)

select
    matching_number,
    outcome_number,
    coalesce({{ list_quantile('sorted_values', 'lower_trim') }}, '-infinity') as lower_limit,
    coalesce({{ list_quantile('sorted_values', 'upper_trim') }}, 'infinity') as upper_limit,
from sorted
