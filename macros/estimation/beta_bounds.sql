{% macro beta_bounds(measured, quantiles) %}
    {#-
    CTEs ending in `beta_bounds` (estimate_number, ci_lower, ci_upper): the bounds of the estimates that have a beta interval, from the
    quantiles of interval_quantiles. The upper bound is the lower bound of the complement. The query must begin `with recursive`.
    Source: beta_effective_n for the size; Korn and Graubard (1998), Survey Methodology 24, 193-201, for the shapes.
    -#}
beta_sized as (
    select
        measured.estimate_number,
        measured.estimate,
        (1 - measured.interval_level) / 2 as probability,
        {{ beta_effective_n('measured.estimate', 'measured.variance', 'for_rows.quantile', 'for_segment.quantile') }} as effective_n,
    from {{ measured }} as measured
    inner join {{ quantiles }} as for_segment
        on measured.segment_degrees_of_freedom = for_segment.degrees_of_freedom and measured.interval_level = for_segment.interval_level
    inner join {{ quantiles }} as for_rows
        on measured.beta_degrees_of_freedom = for_rows.degrees_of_freedom and measured.interval_level = for_rows.interval_level
    where measured.interval_method = 'beta' and measured.variance > 0 and measured.estimate > 0 and measured.estimate < 1
),

beta_shaped as (
    select
        estimate_number,
        'lower' as side,
        effective_n * estimate as first_shape,
        effective_n * (1 - estimate) + 1 as second_shape,
        probability,
    from beta_sized
    union all by name
    select
        estimate_number,
        'upper' as side,
        effective_n * (1 - estimate) as first_shape,
        effective_n * estimate + 1 as second_shape,
        probability,
    from beta_sized
),

beta_wanted as (
    select distinct
        first_shape,
        second_shape,
        probability,
    from beta_shaped
),

{{ beta_quantiles('beta_wanted') }},

beta_bounds as (
    select
        shaped.estimate_number,
        max(case when shaped.side = 'lower' then beta_quantiles.quantile end) as ci_lower,
        max(case when shaped.side = 'upper' then 1 - beta_quantiles.quantile end) as ci_upper,
    from beta_shaped as shaped
    inner join beta_quantiles
        on shaped.first_shape = beta_quantiles.first_shape
        and shaped.second_shape = beta_quantiles.second_shape
        and shaped.probability = beta_quantiles.probability
    group by shaped.estimate_number
)
{%- endmacro %}
