-- y_i - y_j of each pair and outcome, and the same after (x_i - x_j)'b is taken off.
with pairs as (
    select
        pairs.matching_number,
        pairs.firm_number,
        pairs.control_number,
        pairs.pair_weight,
        treated.outcomes as treated_outcomes,
        controls.outcomes as control_outcomes,
        list_transform(treated.distance_values, lambda x, i: x - controls.distance_values[i]) as distance_differences,
    from {{ ref('int_matching_pairs') }} as pairs
    inner join {{ ref('int_matching_rows') }} as treated
        on pairs.matching_number = treated.matching_number
        and pairs.firm_number = treated.firm_number
    inner join {{ ref('int_matching_rows') }} as controls
        on pairs.matching_number = controls.matching_number
        and pairs.control_number = controls.firm_number
)

select
    comparisons.comparison_number,
    pairs.firm_number,
    pairs.control_number,
    pairs.pair_weight,
    pairs.treated_outcomes[comparisons.outcome_number] as treated_outcome,
    pairs.control_outcomes[comparisons.outcome_number] as control_outcome,
    treated_outcome - control_outcome as difference,
    difference - list_inner_product(pairs.distance_differences, slopes.slopes) as adjusted_difference,
from pairs
inner join {{ ref('stg_matching__comparisons') }} as comparisons on pairs.matching_number = comparisons.matching_number
inner join {{ ref('int_matching_slopes') }} as slopes on comparisons.comparison_number = slopes.comparison_number
