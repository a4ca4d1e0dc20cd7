-- Estimates to the digits that are released; the rule, and why nothing finer may leave the build file, is in docs/disclosure.md.
with estimates as (
    select
        *,
        {{ released_step('standard_error', 'unit_of_measure', 'respondent_worth') }} as released_step,
    from {{ ref('int_estimates_described') }}
)

select * replace (
    {% for column in ['estimate', 'ci_lower', 'ci_upper'] -%}
    {{ to_step(column, 'released_step') }} as {{ column }},
    {% endfor -%}
    {% for column in ['standard_error', 'design_effect', 'effective_sample_size', 'p_value'] -%}
    {{ two_digits(column) }} as {{ column }},
    {% endfor -%}
    round(t_statistic, 2) as t_statistic
)
from estimates
