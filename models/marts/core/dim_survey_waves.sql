with survey_waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
)

select
    survey_wave_id,
    survey_id,
    label_da,
    label_en,
    reference_period,
    collection_start_date,
    collection_end_date,
    fieldwork_lines,
    collection_mode,
    mode_lines,
    invited,
    invited_lines,
    answered,
    answered_lines,
    valid,
    valid_lines,
    weighting_method,
    weighting_lines,
    population_da,
    population_en,
    population_lines,
    frame_en,
    frame_lines,
    publication_id,
    previous_survey_wave_id,
    design_effect,
    design_effect_basis,
    -- responses over invited where the text gives both
    round(100.0 * coalesce(answered, valid) / invited, 1) as response_rate_percent,
from survey_waves
