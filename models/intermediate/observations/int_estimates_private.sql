-- Every estimate with all digits, also what a release withholds, with the grade and the rules behind it: for the researcher alone.
-- `smv-ai private` writes it to a file beside the build file; no mart reads it.
with graded as (
    select * from {{ ref('int_estimates_graded') }}
),

labelled as (
    select * from {{ ref('int_estimates_labelled') }}
),

described as (
    select * from {{ ref('int_estimates_described') }}
),

suppressions as (
    select * from {{ ref('int_suppressions_united') }}
),

segments as (
    select * from {{ ref('int_estimate_segments_labelled') }}
),

own_groups as (
    select * from {{ ref('int_estimate_groups_labelled') }}
),

rules as (
    select distinct
        design_id,
        quality_rule_id,
        reason_da,
        reason_en,
    from {{ ref('int_quality_rules') }}
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
),

broken as (
    select
        estimate_number,
        design_id,
        unnest(string_split(quality_rule_ids, ', ')) as quality_rule_id,
    from graded
),

-- a rule that a survey changed may be broken with both its limits
reasons as (
    select
        broken.estimate_number,
        {% for language in ['da', 'en'] -%}
        string_agg(distinct rules.reason_{{ language }}, '; ' order by rules.reason_{{ language }}) as quality_reasons_{{ language }},
        {% endfor %}
    from broken
    inner join rules on broken.design_id = rules.design_id and broken.quality_rule_id = rules.quality_rule_id
    group by broken.estimate_number
)

select
    graded.estimate_number,
    described.survey_id,
    described.survey_wave_id,
    described.earlier_survey_wave_id,
    graded.design_id,
    described.evidence_type,
    graded.measure_id,
    described.indicator_id,
    labelled.measure_label_da,
    labelled.measure_label_en,
    described.base_population_id,
    labelled.base_population_label_da,
    labelled.base_population_label_en,
    graded.breakdown_id,
    graded.segment,
    {% for language, total in {'da': 'I alt', 'en': 'Total'}.items() -%}
    coalesce(own_groups.segment_label_{{ language }}, segments.segment_label_{{ language }}, '{{ total }}') as segment_label_{{ language }},
    {% endfor -%}
    graded.statistic,
    graded.is_change,
    described.unit_of_measure,
    {% for column in ['estimate', 'standard_error', 'ci_lower', 'ci_upper'] -%}
    described.value_factor * graded.{{ column }} as {{ column }},
    {% endfor -%}
    graded.interval_method,
    graded.interval_level,
    graded.respondents,
    graded.sum_weights,
    graded.design_effect,
    graded.effective_sample_size,
    case when isfinite(graded.degrees_of_freedom) then graded.degrees_of_freedom end as degrees_of_freedom,
    graded.t_statistic,
    graded.p_value,
    graded.quality_grade,
    quality_grades.label_da as quality_grade_label_da,
    quality_grades.label_en as quality_grade_label_en,
    graded.quality_rule_ids,
    reasons.quality_reasons_da,
    reasons.quality_reasons_en,
    coalesce(suppressions.suppression_reason, case when labelled.is_suppressed then 'secondary' end) as suppression_rule,
    suppression_rules.label_da as suppression_rule_label_da,
    suppression_rules.label_en as suppression_rule_label_en,
    not labelled.is_withheld as is_released,
    labelled.estimate as released_estimate,
    labelled.sample_size as released_sample_size,
from graded
inner join described on graded.estimate_number = described.estimate_number
inner join labelled on graded.estimate_number = labelled.estimate_number
left join segments on graded.estimate_number = segments.estimate_number
left join own_groups on graded.estimate_number = own_groups.estimate_number
left join suppressions on graded.estimate_number = suppressions.estimate_number
left join reasons on graded.estimate_number = reasons.estimate_number
left join codes as quality_grades
    on graded.quality_grade = quality_grades.code_id and quality_grades.codelist_id = 'quality_grades'
left join codes as suppression_rules
    on coalesce(suppressions.suppression_reason, case when labelled.is_suppressed then 'secondary' end) = suppression_rules.code_id
    and suppression_rules.codelist_id = 'suppression_rules'
