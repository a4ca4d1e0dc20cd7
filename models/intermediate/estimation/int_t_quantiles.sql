with recursive measured as (
    select * from {{ ref('int_estimates_measured') }}
),

wanted as (
    select distinct degrees_of_freedom, interval_level
    from (
        select degrees_of_freedom, interval_level from measured
        union all
        select segment_degrees_of_freedom, interval_level from measured where interval_method = 'beta'
        union all
        select beta_degrees_of_freedom, interval_level from measured where interval_method = 'beta'
    )
    where degrees_of_freedom > 0
),

{{ student_t_quantiles('wanted') }}

select
    degrees_of_freedom,
    interval_level,
    quantile,
from student_t_quantiles
