-- Estimates of levels that are observations: an indicator, broken down by dimensions of the warehouse or by groups of a survey's own.
with own_groups as (
    select * from {{ ref('int_estimate_groups_labelled') }}
    where is_observation
),

estimates as (
    select
        rounded.* replace (coalesce(own_groups.observation_id, rounded.observation_id) as observation_id),
        coalesce(own_groups.own_group_id, 'total') as own_group_id,
        own_groups.own_group_columns,
        own_groups.own_group_label_da,
        own_groups.own_group_label_en,
    from {{ ref('int_estimates_rounded') }} as rounded
    left join own_groups on rounded.estimate_number = own_groups.estimate_number
    where (rounded.is_observation or own_groups.is_observation) and not rounded.is_change and rounded.is_listed
),

indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
),

waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

evidence_types as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'evidence_types'
)

select
    estimates.observation_id,
    estimates.survey_wave_id,
    estimates.indicator_id,
    estimates.base_population_id,
    {% for dimension in var('breakdown_dimensions') -%}
    estimates.{{ dimension }},
    {% endfor -%}
    estimates.own_group_id,
    estimates.own_group_columns,
    estimates.own_group_label_da,
    estimates.own_group_label_en,
    estimates.answer_category_id,
    estimates.label_position,
    estimates.evidence_type,
    indicators.construct,
    indicators.theme,
    'digits' as value_form,
    estimates.estimate as observation_value,
    estimates.unit_of_measure,
    '=' as value_qualifier,
    'exact' as value_direction,
    case
        when estimates.unit_of_measure in ('firms', 'interviews', 'countries') then 0
        else cast(coalesce(estimates.released_step, 1) < 1 as integer)
    end as printed_decimals,
    0.0 as half_width,
    estimates.sample_size,
    estimates.design_effect,
    estimates.effective_sample_size,
    estimates.standard_error,
    estimates.ci_lower,
    estimates.ci_upper,
    estimates.interval_method,
    case
        when estimates.is_suppressed then 'suppressed'
        when estimates.is_withheld then 'unreliable'
        when estimates.interval_method is null then 'interval_not_computable'
    end as no_interval_reason,
    estimates.weighting_method,
    case
        when estimates.is_suppressed then 'suppressed'
        when estimates.is_withheld then 'unreliable'
        when estimates.quality_grade = 'publish_with_warning' then 'low_precision'
        else 'normal'
    end as observation_status,
    false as is_cited_evidence,
    waves.reference_period,
    0 as occurrence_count,
    estimates.source_file,
    'smv_ai: ' || evidence_types.description_da || ' / ' || evidence_types.description_en
    || ' (' || estimates.source_file || ', design ' || estimates.design_id || ')' as citation,
from estimates
inner join indicators on estimates.indicator_id = indicators.indicator_id
inner join waves on estimates.survey_wave_id = waves.survey_wave_id
inner join evidence_types on estimates.evidence_type = evidence_types.code_id
