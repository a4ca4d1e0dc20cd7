-- What may leave the build: nothing where too few firms stand behind a mean, or two of them make most of it.
with results as (
    select * from {{ ref('int_matching_results') }}
),

largest_shares as (
    select
        comparison_number,
        max(two_largest_share) as two_largest_share,
    from {{ ref('int_matching_largest_shares') }}
    group by comparison_number
),

-- the least hidden bias that would take significance away: the largest gamma up to which the two-sided bound stays within the level
sensitivities as (
    select
        sensitivity.comparison_number,
        max(sensitivity.gamma) filter (where 2 * sensitivity.p_value_bound <= 1 - results.interval_level) as largest_gamma,
    from {{ ref('int_matching_sensitivity') }} as sensitivity
    inner join results on sensitivity.comparison_number = results.comparison_number
    group by sensitivity.comparison_number
),

judged as (
    select
        results.*,
        sensitivities.largest_gamma,
        case
            when results.not_computed_rule is not null then null
            when least(results.treated_matched, results.controls_used) < {{ disclosure_threshold() }} then 'few_firms'
            when coalesce(largest_shares.two_largest_share > {{ var('dominance_share') }}, true) then 'dominance'
        end as suppression_reason,
    from results
    left join largest_shares on results.comparison_number = largest_shares.comparison_number
    left join sensitivities on results.comparison_number = sensitivities.comparison_number
)

select
    comparison_number,
    matching_number,
    {% for column in [
        'treated', 'controls', 'treated_matched', 'controls_used', 'pairs', 'mean_treated', 'standard_error_treated',
        'mean_control', 'standard_error_control',
        'estimate', 'standard_error', 'ci_lower', 'ci_upper', 'p_value', 'estimate_adjusted', 'standard_error_adjusted',
        'ci_lower_adjusted', 'ci_upper_adjusted',
        'p_value_adjusted', 'largest_gamma'
    ] -%}
    case when suppression_reason is null then {{ column }} end as {{ column }},
    {% endfor -%}
    interval_quantile,
    interval_level,
    not_computed_rule,
    suppression_reason is not null as is_suppressed,
    suppression_reason,
from judged
