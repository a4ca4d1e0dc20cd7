-- Estimates to the digits that are released; the rule, and why nothing finer may leave the build file, is in docs/disclosure.md.
with estimates as (
    select
        *,
        {{ released_decimals('standard_error', 'unit_of_measure') }} as released_decimals,
    from {{ ref('int_estimates_described') }}
)

select * replace (
    {% for column in ['estimate', 'standard_error', 'ci_lower', 'ci_upper'] -%}
    round({{ column }}, released_decimals) as {{ column }},
    {% endfor -%}
    {% for column in ['design_effect', 'effective_sample_size', 'p_value'] -%}
    {{ two_digits(column) }} as {{ column }},
    {% endfor -%}
    round(t_statistic, 2) as t_statistic
)
from estimates
