{% macro student_t_quantiles(relation) %}
    {#-
    A query of degrees_of_freedom, interval_level and quantile: the two-sided quantile, P(|T| > quantile) = 1 - level, for
    each row of the relation (degrees_of_freedom > 0, possibly 'infinity', and interval_level). Newton's method for ln P as a function of ln t,
    whose slope is -t / Mills' ratio; it stops when a step is below 1e-15.
    Source: student_t_tail for P; Newton's method as in Press et al. (2007), Numerical Recipes, 9.4.
    -#}
with recursive quantile_steps as (
    select
        degrees_of_freedom,
        interval_level,
        cast(1 as double) as t,
        0 as step,
        cast(1 as double) as move,
    from {{ relation }}
    union all
    select
        degrees_of_freedom,
        interval_level,
        -- a step is at most a factor of two, so that the tail never vanishes
        t * exp(least(log_ratio * mills / t, ln(2))),
        step + 1,
        log_ratio * mills / t,
    from (
        select
            *,
            {{ student_t_mills('t', 'degrees_of_freedom') }} as mills,
            ln({{ student_t_tail('t', 'degrees_of_freedom') }}) - ln(1 - interval_level) as log_ratio,
        from quantile_steps
        where step < 60 and abs(move) > 1e-15
    )
)

select
    degrees_of_freedom,
    interval_level,
    t as quantile,
from quantile_steps
qualify step = max(step) over (partition by degrees_of_freedom, interval_level)
{%- endmacro %}
