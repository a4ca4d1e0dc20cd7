-- Levels that are released, with the names that the tables of differences, tests and quantiles give them.
with estimates as (
    select * from {{ ref('int_estimates_labelled') }}
    where not is_change
),

own_groups as (
    select * from {{ ref('int_estimate_groups_labelled') }}
),

evidence_types as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'evidence_types'
)

select
    estimates.estimate_number,
    estimates.design_id,
    estimates.survey_id,
    estimates.survey_wave_id,
    estimates.measure_id,
    estimates.indicator_id,
    estimates.base_population_id,
    estimates.answer_category_id,
    estimates.evidence_type,
    evidence_types.description_da as evidence_notice_da,
    evidence_types.description_en as evidence_notice_en,
    estimates.measure_label_da,
    estimates.measure_label_en,
    estimates.base_population_label_da,
    estimates.base_population_label_en,
    estimates.breakdown_id,
    estimates.breakdown_columns,
    estimates.segment,
    {% for language in ['da', 'en'] -%}
    coalesce(own_groups.segment_label_{{ language }}, estimates.segment_label_{{ language }}) as segment_label_{{ language }},
    {% endfor -%}
    coalesce(estimates.observation_id, own_groups.observation_id) as observation_id,
    estimates.statistic,
    estimates.unit_of_measure,
    case when estimates.unit_of_measure = 'percent' then 100.0 else 1.0 end as value_factor,
    estimates.estimate,
    estimates.sample_size,
    estimates.interval_level,
    estimates.is_withheld,
    estimates.is_beside_hidden,
    estimates.is_on_answered_base,
    estimates.has_telling_degrees,
    estimates.least_error_ratio,
    estimates.most_error_ratio,
    bool_or(estimates.is_beside_hidden) over (partition by estimates.design_id, estimates.measure_id, estimates.breakdown_id)
        as is_any_group_beside_hidden,
    -- a rest, a part of a whole and a test rest on every group of their breakdown
    bool_or(estimates.is_withheld) over (partition by estimates.design_id, estimates.measure_id, estimates.breakdown_id) as is_any_group_withheld,
    estimates.source_file,
from estimates
left join own_groups on estimates.estimate_number = own_groups.estimate_number
inner join evidence_types on estimates.evidence_type = evidence_types.code_id
