with estimates as (
    select * from {{ ref('int_estimates_labelled') }}
    where is_listed
),

own_groups as (
    select * from {{ ref('int_estimate_groups_labelled') }}
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

select
    'est_' || left(md5(concat_ws(
        '|', estimates.design_id, estimates.measure_id, estimates.breakdown_id, estimates.evidence_type,
        case when estimates.is_segment_hidden then 'hidden ' || estimates.estimate_number else estimates.segment end
    )), 16) as estimate_id,
    case when not estimates.is_change then coalesce(estimates.observation_id, own_groups.observation_id) end as observation_id,
    estimates.design_id,
    estimates.survey_id,
    estimates.survey_wave_id,
    estimates.earlier_survey_wave_id,
    estimates.measure_id,
    estimates.indicator_id,
    estimates.base_population_id,
    estimates.evidence_type,
    evidence_types.label_da as evidence_type_label_da,
    evidence_types.label_en as evidence_type_label_en,
    evidence_types.description_da as evidence_notice_da,
    evidence_types.description_en as evidence_notice_en,
    estimates.measure_label_da,
    estimates.measure_label_en,
    {% for language in ['da', 'en'] -%}
    case when not estimates.is_segment_hidden then coalesce(own_groups.segment_label_{{ language }}, estimates.segment_label_{{ language }})
        else estimates.segment_label_{{ language }} end as segment_label_{{ language }},
    {% endfor -%}
    estimates.base_population_label_da,
    estimates.base_population_label_en,
    estimates.breakdown_id,
    estimates.breakdown_columns,
    estimates.segment,
    {% for dimension in var('breakdown_dimensions') -%}
    case when not estimates.is_segment_hidden then estimates.{{ dimension }} end as {{ dimension }},
    {% endfor -%}
    estimates.answer_category_id,
    estimates.statistic,
    estimates.is_change,
    estimates.estimate,
    estimates.unit_of_measure,
    estimates.sample_size,
    estimates.design_effect,
    estimates.effective_sample_size,
    estimates.standard_error,
    estimates.ci_lower,
    estimates.ci_upper,
    estimates.interval_method,
    estimates.interval_level,
    estimates.degrees_of_freedom,
    estimates.t_statistic,
    estimates.p_value,
    estimates.weighting_method,
    estimates.quality_grade,
    quality_grades.label_da as quality_grade_label_da,
    quality_grades.label_en as quality_grade_label_en,
    estimates.quality_rule_ids,
    estimates.is_withheld,
    estimates.is_suppressed,
    estimates.suppression_reason,
    suppression_reasons.label_da as suppression_reason_label_da,
    suppression_reasons.label_en as suppression_reason_label_en,
    estimates.source_file,
from estimates
left join own_groups on estimates.estimate_number = own_groups.estimate_number
inner join codes as evidence_types
    on estimates.evidence_type = evidence_types.code_id and evidence_types.codelist_id = 'evidence_types'
left join codes as quality_grades
    on estimates.quality_grade = quality_grades.code_id and quality_grades.codelist_id = 'quality_grades'
left join codes as suppression_reasons
    on estimates.suppression_reason = suppression_reasons.code_id and suppression_reasons.codelist_id = 'suppression_reasons'
