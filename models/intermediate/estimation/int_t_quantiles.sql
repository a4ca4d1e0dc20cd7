-- The quantiles of Student's t distribution that the intervals of the estimates need; a beta interval needs two more.
with estimates as (
    select * from {{ ref('int_estimates_measured') }}
),

wanted as (
    select
        degrees_of_freedom,
        interval_level,
    from estimates
    where degrees_of_freedom > 0
    union
    select
        segment_degrees_of_freedom as degrees_of_freedom,
        interval_level,
    from estimates
    where interval_method = 'beta' and segment_degrees_of_freedom > 0
    union
    select
        beta_degrees_of_freedom as degrees_of_freedom,
        interval_level,
    from estimates
    where interval_method = 'beta' and beta_degrees_of_freedom > 0
)

select * from ({{ student_t_quantiles('wanted') }})
