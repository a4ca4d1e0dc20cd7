{% macro interval_quantiles(measured) %}
    {#-
    CTEs ending in `quantiles` (degrees_of_freedom, interval_level, quantile): the quantiles of Student's t distribution that the intervals of
    the estimates need; a beta interval needs two more. The query must begin `with recursive`.
    -#}
degrees as (
    select
        degrees_of_freedom,
        interval_level,
    from {{ measured }}
    union
    select
        unnest([segment_degrees_of_freedom, beta_degrees_of_freedom]) as degrees_of_freedom,
        interval_level,
    from {{ measured }}
    where interval_method = 'beta'
),

degrees_with_quantile as (
    select *
    from degrees
    where degrees_of_freedom > 0
),

{{ student_t_quantiles('degrees_with_quantile') }},

quantiles as (
    select * from student_t_quantiles
)
{%- endmacro %}
