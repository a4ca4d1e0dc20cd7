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
    comparisons.comparison_id as matched_comparison_id,
    matchings.study_id,
    matchings.evidence_type,
    evidence_types.description_da as evidence_notice_da,
    evidence_types.description_en as evidence_notice_en,
    comparisons.label_da as study_label_da,
    comparisons.label_en as study_label_en,
    comparisons.outcome_id as matched_outcome_id,
    comparisons.outcome_label_da as matched_outcome_label_da,
    comparisons.outcome_label_en as matched_outcome_label_en,
    comparisons.indicator_id,
    comparisons.outcome_kind,
    comparisons.outcome_role,
    matchings.by_value as group_value,
    list_min(comparisons.outcome_years) as first_year,
    list_max(comparisons.outcome_years) as last_year,
    comparisons.base_population_id,
    base_populations.label_da as base_population_label_da,
    base_populations.label_en as base_population_label_en,
    comparisons.publication_id as design_publication_id,
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
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.estimate' ~ suffix) }} end as matched_difference{{ suffix }},
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.standard_error' ~ suffix) }} end
        as matched_standard_error{{ suffix }},
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.ci_lower' ~ suffix) }} end as matched_ci_lower{{ suffix }},
    case when {{ condition }} then {{ released_value('outcome_kind', 'protected.ci_upper' ~ suffix) }} end as matched_ci_upper{{ suffix }},
    case when {{ condition }} then round(protected.p_value{{ suffix }}, 4) end as matched_p_value{{ suffix }},
    {%- endfor %}
    case when protected.not_computed_rule is null and not protected.is_suppressed then 'abadie_imbens' end as interval_method,
    matchings.level as interval_level,
    protected.largest_gamma as sensitivity_gamma,
    array_to_string(matchings.exact_columns, '; ') as exact_columns,
    array_to_string(matchings.distance_columns, '; ') as distance_columns,
    {% for language in ['da', 'en'] -%}
    array_to_string(matchings.exact_labels_{{ language }}, '; ') as exact_labels_{{ language }},
    array_to_string(matchings.distance_labels_{{ language }}, '; ') as distance_labels_{{ language }},
    {% endfor -%}
    matchings.distance,
    matchings.neighbours as neighbour_count,
    matchings.ties,
    matchings.caliper,
    coalesce(left_out.left_out_reasons, '') as left_out_reasons,
    protected.not_computed_rule,
    protected.is_suppressed,
    -- which rule it was stays private: it would tell something of the firms
    case when protected.is_suppressed then 'confidential' end as suppression_reason,
    {{ matching_caution('da') }} as caution_da,
    {{ matching_caution('en') }} as caution_en,
    'panels/' || matchings.study_id || '.yml' as source_file,
    {{ matching_citation() }} as citation,
    comparisons.note_da as study_note_da,
    comparisons.note_en as study_note_en,
from protected
inner join {{ ref('stg_matching__comparisons') }} as comparisons on protected.comparison_number = comparisons.comparison_number
inner join {{ ref('stg_matching__matchings') }} as matchings on protected.matching_number = matchings.matching_number
inner join {{ ref('stg_codelists__codes') }} as evidence_types
    on matchings.evidence_type = evidence_types.code_id and evidence_types.codelist_id = 'evidence_types'
left join {{ ref('stg_catalogue__base_populations') }} as base_populations on comparisons.base_population_id = base_populations.base_population_id
left join {{ ref('stg_catalogue__publications') }} as publications on comparisons.publication_id = publications.publication_id
left join left_out on protected.matching_number = left_out.matching_number
