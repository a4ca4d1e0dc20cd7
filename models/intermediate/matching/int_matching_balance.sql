-- Balance of each column before (all rows) and after (matched treated 1, controls K, others 0).
-- variance = sum v (x - mean)^2 / (1 - sum v^2) with v = u / sum u; before, all u are 1: the sample variance.
-- Source: Stuart (2010), Statistical Science 25, 1-21.
with column_values as (
    select
        matching_number,
        firm_number,
        is_treated,
        unnest(generate_series(1, len(balance_values))) as column_number,
        unnest(balance_values) as column_value,
    from {{ ref('int_matching_rows') }}
),

ranges as (
    select
        matching_number,
        is_treated,
        column_number,
        count(column_value) as firms,
        min(column_value) as smallest,
        max(column_value) as largest,
    from column_values
    group by matching_number, is_treated, column_number
),

means_before as (
    select
        ranges.matching_number,
        ranges.is_treated,
        ranges.column_number,
        any_value(ranges.firms) as firms,
        any_value(ranges.smallest) as smallest,
        any_value(ranges.largest) as largest,
        {{ reproducible_sum('column_values.column_value', 'greatest(abs(ranges.smallest), abs(ranges.largest))') }} / any_value(ranges.firms) as mean,
    from ranges
    inner join column_values
        on ranges.matching_number = column_values.matching_number
        and ranges.is_treated = column_values.is_treated
        and ranges.column_number = column_values.column_number
    group by ranges.matching_number, ranges.is_treated, ranges.column_number
),

before as (
    select
        means_before.matching_number,
        means_before.is_treated,
        means_before.column_number,
        any_value(means_before.mean) as mean,
        {{ reproducible_sum('power(column_values.column_value - means_before.mean, 2)', 'power(means_before.largest - means_before.smallest, 2)') }}
        / nullif(any_value(means_before.firms) - 1, 0) as variance,
    from means_before
    inner join column_values
        on means_before.matching_number = column_values.matching_number
        and means_before.is_treated = column_values.is_treated
        and means_before.column_number = column_values.column_number
    group by means_before.matching_number, means_before.is_treated, means_before.column_number
),

weights as (
    select
        matching_number,
        control_number as firm_number,
        control_weight as firm_weight,
        false as is_treated,
    from {{ ref('int_matching_control_weights') }}
    union all
    select distinct
        matching_number,
        firm_number,
        1.0 as firm_weight,
        true as is_treated,
    from {{ ref('int_matching_pairs') }}
),

weighted as (
    select
        column_values.matching_number,
        column_values.is_treated,
        column_values.column_number,
        column_values.column_value,
        weights.firm_weight,
    from column_values
    inner join weights
        on column_values.matching_number = weights.matching_number
        and column_values.firm_number = weights.firm_number
    where column_values.column_value is not null
),

means_after as (
    select
        matching_number,
        is_treated,
        column_number,
        {{ ordered_sum('firm_weight') }} as weight_total,
        {{ ordered_sum('firm_weight * column_value') }} / weight_total as mean,
    from weighted
    group by matching_number, is_treated, column_number
),

after as (
    select
        means_after.matching_number,
        means_after.is_treated,
        means_after.column_number,
        any_value(means_after.mean) as mean,
        {{ ordered_sum('weighted.firm_weight / means_after.weight_total * power(weighted.column_value - means_after.mean, 2)') }}
        / nullif(1 - {{ ordered_sum('power(weighted.firm_weight / means_after.weight_total, 2)') }}, 0) as variance,
    from means_after
    inner join weighted
        on means_after.matching_number = weighted.matching_number
        and means_after.is_treated = weighted.is_treated
        and means_after.column_number = weighted.column_number
    group by means_after.matching_number, means_after.is_treated, means_after.column_number
),

-- overlap: treated firms of which no control is as small, or as large
outside as (
    select
        column_values.matching_number,
        column_values.column_number,
        count(*) filter (where column_values.column_value < ranges.smallest or column_values.column_value > ranges.largest) as treated_outside,
    from column_values
    inner join ranges
        on column_values.matching_number = ranges.matching_number
        and column_values.column_number = ranges.column_number
        and not ranges.is_treated
    where column_values.is_treated
    group by column_values.matching_number, column_values.column_number
)

select
    treated.matching_number,
    treated.column_number,
    matchings.balance_columns[treated.column_number] as column_name,
    treated.mean as mean_treated_before,
    controls.mean as mean_control_before,
    (treated.mean - controls.mean) / nullif(sqrt(treated.variance), 0) as smd_before,
    treated.variance / nullif(controls.variance, 0) as variance_ratio_before,
    treated_after.mean as mean_treated_after,
    controls_after.mean as mean_control_after,
    -- the standard deviation is that of the treated before in both
    (treated_after.mean - controls_after.mean) / nullif(sqrt(treated.variance), 0) as smd_after,
    treated_after.variance / nullif(controls_after.variance, 0) as variance_ratio_after,
    outside.treated_outside,
from before as treated
inner join before as controls
    on treated.matching_number = controls.matching_number
    and treated.column_number = controls.column_number
    and not controls.is_treated
inner join {{ ref('stg_matching__matchings') }} as matchings on treated.matching_number = matchings.matching_number
left join after as treated_after
    on treated.matching_number = treated_after.matching_number
    and treated.column_number = treated_after.column_number
    and treated_after.is_treated
left join after as controls_after
    on treated.matching_number = controls_after.matching_number
    and treated.column_number = controls_after.column_number
    and not controls_after.is_treated
left join outside
    on treated.matching_number = outside.matching_number
    and treated.column_number = outside.column_number
where treated.is_treated
