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
    -- an error above 0 stays above 0
    case when standard_error > 1e-9 then greatest(released_step, {{ to_step('standard_error', 'released_step') }}) else standard_error end
        as standard_error,
    -- where few firms carry the error, its digits tell which strata they are in: these two would bring them back
    {% for column in ['design_effect', 'effective_sample_size'] -%}
    case when standard_error >= 5 * released_step or standard_error is null then {{ two_digits(column) }} end as {{ column }},
    {% endfor -%}
    {{ two_digits('p_value') }} as p_value,
    round(t_statistic, 2) as t_statistic
)
from estimates
