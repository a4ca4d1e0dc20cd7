-- Whether a withheld estimate lies in the printed range would tell where it lies: no figure, no verdict, and a reason for all alike. Of one
-- beside a hidden count it would be a second look: the digits that are shown decide.
with figures as (
    select * replace (
        case when is_withheld then null when is_beside_hidden then is_within_shown_digits else is_within_precision end as is_within_precision,
        case
            when is_suppressed then 'suppressed'
            when is_withheld then 'unreliable'
            when not (is_beside_hidden and is_within_shown_digits) then reproduction_reason
        end as reproduction_reason
    )
    from {{ ref('int_published_figures_reproduced') }}
),

observations as (
    select * from {{ ref('int_observations_labelled') }}
    where evidence_type = 'published'
),

codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

select
    figures.figure_id,
    figures.published_observation_id,
    figures.observation_id as estimate_observation_id,
    figures.publication_id,
    figures.survey_wave_id,
    figures.indicator_id,
    figures.base_population_id,
    figures.evidence_type,
    evidence_types.label_da as evidence_type_label_da,
    evidence_types.label_en as evidence_type_label_en,
    evidence_types.description_da as evidence_notice_da,
    evidence_types.description_en as evidence_notice_en,
    observations.title_da,
    observations.title_en,
    observations.segment_label_da,
    observations.segment_label_en,
    figures.printed_value,
    figures.observation_value as published_value,
    figures.printed_lower,
    figures.printed_upper,
    figures.estimate,
    round(figures.estimate - figures.observation_value, 6) as difference,
    figures.unit_of_measure,
    figures.estimate_sample_size as sample_size,
    figures.standard_error,
    figures.quality_grade,
    figures.is_covered,
    figures.is_within_precision,
    figures.reproduction_reason,
    reasons.label_da as reproduction_reason_label_da,
    reasons.label_en as reproduction_reason_label_en,
    reasons.description_da as reproduction_reason_description_da,
    reasons.description_en as reproduction_reason_description_en,
    case when figures.reproduction_reason = 'source_contradiction' then figures.contradiction_check_ids end as contradiction_check_ids,
    figures.source_file,
    figures.source_line,
    figures.citation,
from figures
inner join observations on figures.published_observation_id = observations.observation_id
left join codes as evidence_types
    on figures.evidence_type = evidence_types.code_id and evidence_types.codelist_id = 'evidence_types'
left join codes as reasons
    on figures.reproduction_reason = reasons.code_id and reasons.codelist_id = 'reproduction_reasons'
