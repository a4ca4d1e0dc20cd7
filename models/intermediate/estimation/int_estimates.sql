-- Estimates with standard errors and intervals.
with measured as (
    select * from {{ ref('int_estimates_measured') }}
),

quantiles as (
    select * from {{ ref('int_t_quantiles') }}
),

beta_bounds as (
    select * from {{ ref('int_beta_bounds') }}
),

methods as (
    select
        measured.*,
        quantiles.quantile,
        beta_bounds.ci_lower as beta_lower,
        beta_bounds.ci_upper as beta_upper,
        case
            when quantiles.quantile is null or measured.variance is null then null
            when measured.is_change or measured.interval_method = 'wald' then 'wald'
            when measured.estimate in (0, 1) and measured.kish_effective_sample_size > 0 then 'wilson'
            when measured.estimate <= 0 or measured.estimate >= 1 then null
            when measured.interval_method = 'beta' and beta_bounds.ci_lower is null then null
            else measured.interval_method
        end as used_method,
        abs(measured.estimate) / nullif(measured.standard_error, 0) as absolute_t,
    from measured
    left join quantiles
        on measured.degrees_of_freedom = quantiles.degrees_of_freedom and measured.interval_level = quantiles.interval_level
    left join beta_bounds on measured.estimate_number = beta_bounds.estimate_number
)

select
    {{ estimate_keys() }}
    estimate,
    estimate_from,
    estimate_to,
    respondents,
    weighted_respondents,
    smallest_respondents,
    segment_unit_count,
    is_amount,
    two_largest_share,
    sum_weights,
    largest_weight,
    variance,
    standard_error,
    {% for bound, sign in {'lower': '-1', 'upper': '1'}.items() -%}
    case used_method
        when 'wald' then estimate + {{ sign }} * quantile * standard_error
        when 'logit' then {{ logit_bound('estimate', 'standard_error', 'quantile', sign) }}
        when 'asin' then {{ arcsine_bound('estimate', 'standard_error', 'quantile', sign) }}
        when 'beta' then beta_{{ bound }}
        when 'wilson' then {{ wilson_t_bound('estimate', 'kish_effective_sample_size', 'quantile', sign) }}
    end as ci_{{ bound }},
    {% endfor -%}
    used_method as interval_method,
    interval_level,
    degrees_of_freedom,
    design_effect,
    coalesce(respondents / nullif(design_effect, 0), kish_effective_sample_size) as effective_sample_size,
    case when is_change then estimate / nullif(standard_error, 0) end as t_statistic,
    case when is_change and degrees_of_freedom > 0 then {{ student_t_tail('absolute_t', 'degrees_of_freedom') }} end as p_value,
    lonely_stratum,
    lonely_stratum_count,
from methods
