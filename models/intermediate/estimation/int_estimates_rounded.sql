-- Estimates to the digits that are released; the rule, and why nothing finer may leave the build file, is in docs/disclosure.md.
with estimates as (
    select
        *,
        {{ released_step('standard_error', 'unit_of_measure', 'worth_of_three') }} as released_step,
    from {{ ref('int_estimates_described') }}
),

rounded as (
    select * replace ({{ to_step('estimate', 'released_step') }} as estimate),
        -- a bound is as far from the estimate that is shown as the half width says: rounded by itself it would be a second look at the estimate
        {{ to_step('estimate - ci_lower', 'released_step') }} as lower_half_width,
        {{ to_step('ci_upper - estimate', 'released_step') }} as upper_half_width,
    from estimates
)

select * exclude (lower_half_width, upper_half_width) replace (
    {{ to_step('estimate - lower_half_width', 'released_step') }} as ci_lower,
    case
        when statistic = 'share' and estimate + upper_half_width > value_factor then value_factor
        else {{ to_step('estimate + upper_half_width', 'released_step') }}
    end as ci_upper,
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
from rounded
