-- Estimates to the digits that are released; the rule, and why nothing finer may leave the build file, is in docs/disclosure.md.
with described as (
    select * from {{ ref('int_estimates_described') }}
),

digits as (
    select * from {{ ref('int_disclosure_digits') }}
),

stepped as (
    select
        described.*,
        coalesce(
            digits.released_step, {{ released_step('described.standard_error', 'described.unit_of_measure', 'described.worth_of_three') }}
        ) as released_step,
        -- errors and bounds may need fewer digits than the estimate; no step, then that of the estimate
        digits.error_step,
        coalesce(digits.least_error_ratio, 1) as least_error_ratio,
        coalesce(digits.most_error_ratio, 1) as most_error_ratio,
        -- whether a hidden count could be another one, and this figure then another one, too
        digits.estimate_number is not null as is_beside_hidden,
        coalesce(digits.is_telling, false) as is_telling,
    from described
    left join digits on described.estimate_number = digits.estimate_number
),

-- a figure that would tell a hidden count, however few its digits
estimates as (
    select
        * exclude (is_telling, error_step) replace (
            {% for column in [
                'sample_size', 'estimate', 'standard_error', 'ci_lower', 'ci_upper', 'interval_method', 'degrees_of_freedom', 'design_effect',
                'effective_sample_size', 't_statistic', 'p_value', 'quality_grade', 'quality_rule_ids'
            ] -%}
            case when not is_telling then {{ column }} end as {{ column }},
            {% endfor -%}
            is_withheld or is_telling as is_withheld,
            is_suppressed or is_telling as is_suppressed,
            case when is_telling then 'confidential' else suppression_reason end as suppression_reason
        ),
        coalesce(error_step, released_step) as error_step,
    from stepped
),

rounded as (
    select * replace ({{ to_step('estimate', 'released_step') }} as estimate),
        -- a bound is as far from the estimate that is shown as the half width says: rounded by itself it would be a second look at the estimate
        {{ to_step('estimate - ci_lower', 'error_step') }} as lower_half_width,
        {{ to_step('ci_upper - estimate', 'error_step') }} as upper_half_width,
    from estimates
)

select * exclude (lower_half_width, upper_half_width) replace (
    {{ to_decimals('estimate - lower_half_width', 'released_step') }} as ci_lower,
    case
        when statistic = 'share' and estimate + upper_half_width > value_factor then value_factor
        else {{ to_decimals('estimate + upper_half_width', 'released_step') }}
    end as ci_upper,
    -- an error above 0 stays above 0
    case when standard_error > 1e-9 then greatest(error_step, {{ to_step('standard_error', 'error_step') }}) else standard_error end
        as standard_error,
    -- where few firms carry the error, its digits tell which strata they are in: these two would bring them back
    {% for column in ['design_effect', 'effective_sample_size'] -%}
    case when (standard_error >= 5 * error_step or standard_error is null) and not is_beside_hidden then {{ two_digits(column) }} end as {{ column }},
    {% endfor -%}
    {{ two_digits('p_value') }} as p_value,
    round(t_statistic, 2) as t_statistic
)
from rounded
