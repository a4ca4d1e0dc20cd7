with designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

waves as (
    select * from {{ ref('int_response_waves') }}
)

select
    designs.design_id,
    designs.survey_wave_id,
    waves.evidence_type,
    waves.response_folder,
from designs
inner join waves
    on designs.survey_id = waves.survey_id
    and designs.survey_wave_id = waves.survey_wave_id
left join waves as earlier_waves
    on designs.survey_id = earlier_waves.survey_id
    and designs.earlier_survey_wave_id = earlier_waves.survey_wave_id
where designs.earlier_survey_wave_id is null or earlier_waves.survey_wave_id is not null
