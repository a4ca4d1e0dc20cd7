-- Stub until the branch with the demonstration responses is merged: which design has which kind of responses.
with designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

waves as (
    select distinct
        survey_id,
        survey_wave_id,
    from {{ ref('int_response_moments') }}
)

select
    designs.design_id,
    designs.survey_wave_id,
    '{{ "synthetic" if "demo" in var("responses_path") else "estimated" }}' as evidence_type,
    'survey_id=' || designs.survey_id || '/survey_wave_id=' || designs.survey_wave_id as response_folder,
from designs
inner join waves on designs.survey_wave_id = waves.survey_wave_id
