with waves as (
    select * from {{ ref('stg_catalogue__survey_waves') }}
),

surveys as (
    select * from {{ ref('stg_catalogue__surveys') }}
),

earlier_waves as (
    select previous_survey_wave_id as survey_wave_id from waves
    where previous_survey_wave_id is not null
)

select
    waves.survey_wave_id,
    waves.survey_id,
    waves.label_da as survey_wave_label_da,
    waves.label_en as survey_wave_label_en,
    waves.collection_start_date,
    waves.collection_end_date,
    waves.survey_wave_id not in (select survey_wave_id from earlier_waves) as is_latest_wave,
    surveys.label_da as survey_label_da,
    surveys.label_en as survey_label_en,
    surveys.statistical_unit,
from waves
inner join surveys on waves.survey_id = surveys.survey_id
