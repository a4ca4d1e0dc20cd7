-- The bounds of the estimates that have a beta interval. The upper bound is the lower bound of the complement.
-- Source: beta_effective_n for the size; Korn and Graubard (1998), Survey Methodology 24, 193-201, for the shapes.
with estimates as (
    select * from {{ ref('int_estimates_measured') }}
    where interval_method = 'beta' and variance > 0 and estimate > 0 and estimate < 1
),

t_quantiles as (
    select * from {{ ref('int_t_quantiles') }}
),

sized as (
    select
        estimates.estimate_number,
        estimates.estimate,
        (1 - estimates.interval_level) / 2 as probability,
        {{ beta_effective_n('estimates.estimate', 'estimates.variance', 'for_rows.quantile', 'for_segment.quantile') }} as effective_n,
    from estimates
    inner join t_quantiles as for_segment
        on estimates.segment_degrees_of_freedom = for_segment.degrees_of_freedom and estimates.interval_level = for_segment.interval_level
    inner join t_quantiles as for_rows
        on estimates.beta_degrees_of_freedom = for_rows.degrees_of_freedom and estimates.interval_level = for_rows.interval_level
),

shaped as (
    select
        estimate_number,
        'lower' as side,
        effective_n * estimate as first_shape,
        effective_n * (1 - estimate) + 1 as second_shape,
        probability,
    from sized
    union all by name
    select
        estimate_number,
        'upper' as side,
        effective_n * (1 - estimate) as first_shape,
        effective_n * estimate + 1 as second_shape,
        probability,
    from sized
),

wanted as (
    select distinct
        first_shape,
        second_shape,
        probability,
    from shaped
),

quantiles as (
    {{ beta_quantiles('wanted') }}
)

select
    shaped.estimate_number,
    max(case when shaped.side = 'lower' then quantiles.quantile end) as ci_lower,
    max(case when shaped.side = 'upper' then 1 - quantiles.quantile end) as ci_upper,
from shaped
inner join quantiles
    on shaped.first_shape = quantiles.first_shape
    and shaped.second_shape = quantiles.second_shape
    and shaped.probability = quantiles.probability
group by shaped.estimate_number
