with headlines as (
    select * from {{ ref('stg_catalogue__headline_figures') }}
),

observations as (
    select * from {{ ref('int_observations_labelled') }}
    where evidence_type = 'published'
),

figures as (
    select * from {{ ref('int_published_figures_identified') }}
)

select
    headlines.headline_id,
    headlines.sort_order,
    headlines.label_da,
    headlines.label_en,
    headlines.survey_wave_id,
    observations.observation_id,
    observations.comparability_group_id,
    observations.observation_value,
    coalesce(observations.value_text_da, '–') as value_text_da,
    coalesce(observations.value_text_en, '–') as value_text_en,
    observations.ci_lower,
    observations.ci_upper,
    headlines.absence_reason_en,
from headlines
left join figures on headlines.figure_id = figures.figure_id
left join observations
    on figures.observation_id = observations.observation_id
    or headlines.derivation_id = observations.figure_id
