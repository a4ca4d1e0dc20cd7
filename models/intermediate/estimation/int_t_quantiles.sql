{{ config(materialized='ephemeral') }}
with recursive measured as (
    select * from {{ ref('int_estimates_measured') }}
),

degrees as (
    select
        degrees_of_freedom,
        interval_level,
    from measured
    union
    select
        unnest([segment_degrees_of_freedom, beta_degrees_of_freedom]) as degrees_of_freedom,
        interval_level,
    from measured
    where interval_method = 'beta'
),

wanted as (
    select *
    from degrees
    where degrees_of_freedom > 0
),

{{ student_t_quantiles('wanted') }}

select
    degrees_of_freedom,
    interval_level,
    quantile,
from student_t_quantiles
