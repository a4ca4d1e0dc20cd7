with protected as (
    select
        *,
        interval_quantile * standard_error_treated as half_width_treated,
        interval_quantile * standard_error_control as half_width_control,
    from {{ ref('int_matching_protected') }}
),

reasons as (
    select
        matching_number,
        left_out_reason,
        cast(sum(firms) as bigint) as firms,
    from {{ ref('int_matching_left_out') }}
    group by matching_number, left_out_reason
),

left_out as (
    select
        matching_number,
        string_agg(left_out_reason || ': ' || firms, '; ' order by left_out_reason) as left_out_reasons,
    from reasons
    group by matching_number
)

select
    comparisons.comparison_id,
    matchings.study_id,
    matchings.evidence_type,
    comparisons.label_da,
    comparisons.label_en,
    comparisons.outcome_id,
    comparisons.outcome_label_da,
    comparisons.outcome_label_en,
    comparisons.outcome_kind,
    comparisons.outcome_role,
    matchings.by_value as group_value,
    list_min(comparisons.outcome_years) as first_year,
    list_max(comparisons.outcome_years) as last_year,
    comparisons.base_population_id,
    comparisons.publication_id,
    protected.treated as treated_count,
    protected.controls as untreated_count,
    protected.treated_matched as treated_matched_count,
    protected.controls_used as controls_used_count,
    {{ released_value('outcome_kind', 'protected.mean_treated') }} as mean_treated,
    {{ released_value('outcome_kind', 'protected.mean_treated - protected.half_width_treated') }} as mean_treated_ci_lower,
    {{ released_value('outcome_kind', 'protected.mean_treated + protected.half_width_treated') }} as mean_treated_ci_upper,
    {{ released_value('outcome_kind', 'protected.mean_control') }} as mean_control,
    {{ released_value('outcome_kind', 'protected.mean_control - protected.half_width_control') }} as mean_control_ci_lower,
    {{ released_value('outcome_kind', 'protected.mean_control + protected.half_width_control') }} as mean_control_ci_upper,
    {%- for suffix in ['', '_adjusted'] %}
    {%- set condition = 'true' if suffix == '' else 'matchings.bias_adjust' %}
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.estimate' ~ suffix) }} end as difference{{ suffix }},
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.standard_error' ~ suffix) }} end as standard_error{{ suffix }},
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.ci_lower' ~ suffix) }} end as ci_lower{{ suffix }},
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.ci_upper' ~ suffix) }} end as ci_upper{{ suffix }},
    case when {{ condition }} then round(protected.p_value{{ suffix }}, 4) end as p_value{{ suffix }},
    {%- endfor %}
    matchings.level as interval_level,
    protected.largest_gamma as sensitivity_gamma,
    array_to_string(matchings.exact_columns, '; ') as exact_columns,
    array_to_string(matchings.distance_columns, '; ') as distance_columns,
    matchings.distance,
    matchings.neighbours as neighbour_count,
    matchings.ties,
    matchings.caliper,
    coalesce(left_out.left_out_reasons, '') as left_out_reasons,
    protected.not_computed_rule,
    protected.is_suppressed,
    protected.suppression_reason,
    'En sammenhæng blandt virksomheder, der ligner hinanden, ikke en effekt: det, der ikke er målt, kan forklare forskellen.' as caution_da,
    'An association among similar firms, not an effect: what was not measured may explain the difference.' as caution_en,
    comparisons.note_da,
    comparisons.note_en,
from protected
inner join {{ ref('stg_matching__comparisons') }} as comparisons on protected.comparison_number = comparisons.comparison_number
inner join {{ ref('stg_matching__matchings') }} as matchings on protected.matching_number = matchings.matching_number
left join left_out on protected.matching_number = left_out.matching_number
