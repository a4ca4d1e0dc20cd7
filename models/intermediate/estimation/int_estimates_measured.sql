-- Everything of an estimate but its interval. The two sides of a change become one row; two numbers have the same sum in either order.
with sides as (
    select * from {{ ref('int_estimate_sides') }}
),

dominance as (
    select * from {{ ref('int_estimate_dominance') }}
),

variances as (
    select * from {{ ref('int_estimate_variances') }}
),

design_cells as (
    select * from {{ ref('int_design_cells') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
),

united as (
    select
        sides.estimate_number,
        {% for column in ['design_id', 'measure_id', 'breakdown_id', 'column_names', 'categories', 'segment', 'statistic'] -%}
        any_value(sides.{{ column }}) as {{ column }},
        {% endfor -%}
        count(*) > 1 as is_change,
        sum(sides.change_sign * sides.estimate_shift) + sum(sides.change_sign * sides.shifted_estimate) as estimate,
        max(case when sides.change_sign = -1 then sides.estimate_shift + sides.shifted_estimate end) as estimate_from,
        max(case when sides.change_sign = 1 then sides.estimate_shift + sides.shifted_estimate end) as estimate_to,
        cast(sum(sides.respondents) as bigint) as respondents,
        cast(sum(sides.weighted_respondents) as bigint) as weighted_respondents,
        cast(min(sides.respondents) as bigint) as smallest_respondents,
        -- of the two sides of a change the more dominated one counts
        max(dominance.two_largest_share) as two_largest_share,
        sum(sides.sum_w) as sum_weights,
        max(sides.largest_weight) as largest_weight,
        sum(sides.sum_ww) as sum_squared_weights,
        sum(sides.weighted_squares) as weighted_squares,
    from sides
    left join dominance on sides.estimate_number = dominance.estimate_number and sides.change_sign = dominance.change_sign
    group by sides.estimate_number
),

scales as (
    select * from {{ ref('int_design_scales') }}
),

-- a unit counts once it has a row with a weight that is not 0
design_strata as (
    select
        design_id,
        stratum_key,
        {{ sampling_units('psu_id', 'weighted_respondents') }} as unit_count,
    from design_cells
    where weighted_respondents > 0
    group by design_id, stratum_key
),

design_counts as (
    select
        design_id,
        sum(unit_count) - count(*) as degrees_of_freedom,
    from design_strata
    group by design_id
),

design_rows as (
    select
        design_id,
        cast(sum(respondents) as bigint) as respondents,
    from design_cells
    group by design_id
)

select
    united.*,
    designs.lonely_stratum,
    designs.interval_level,
    measures.interval_method,
    measures.is_amount,
    variances.variance,
    sqrt(variances.variance) as standard_error,
    variances.segment_unit_count,
    variances.lonely_stratum_count,
    -- `design_minus_1` and `segment_minus_1` are one less: what a regression on a 0/1 variable leaves
    case
        when variances.replicate_degrees_of_freedom is not null then variances.replicate_degrees_of_freedom
        when starts_with(designs.degrees_of_freedom_rule, 'design') then cast(design_counts.degrees_of_freedom as double)
        when starts_with(designs.degrees_of_freedom_rule, 'segment')
            then cast(variances.segment_unit_count - variances.segment_stratum_count as double)
        else cast('infinity' as double)
    end - cast(
        ends_with(designs.degrees_of_freedom_rule, '_minus_1') and variances.replicate_degrees_of_freedom is null as integer
    ) as degrees_of_freedom,
    coalesce(
        variances.replicate_segment_degrees_of_freedom, cast(variances.segment_unit_count - variances.segment_stratum_count as double)
    ) as segment_degrees_of_freedom,
    cast(case designs.beta_rows when 'design' then design_rows.respondents else united.weighted_respondents end - 1 as double)
        as beta_degrees_of_freedom,
    case
        -- relative weights say nothing of the population that a simple sample would be drawn from
        when united.statistic in ('share', 'mean') and not united.is_change and not scales.is_relative
            then {{ design_effect('variances.variance', 'united.weighted_squares', 'united.sum_weights', 'united.weighted_respondents') }}
    end as design_effect,
    {{ kish_effective_n('united.sum_weights', 'united.sum_squared_weights') }} as kish_effective_sample_size,
from united
inner join variances on united.estimate_number = variances.estimate_number
inner join designs on united.design_id = designs.design_id
inner join measures on designs.measure_set_id = measures.measure_set_id and united.measure_id = measures.measure_id
inner join design_counts on united.design_id = design_counts.design_id
inner join design_rows on united.design_id = design_rows.design_id
inner join scales on united.design_id = scales.design_id
