with observations as (
    select * from {{ ref('int_observations_labelled') }}
),

wave_changes as (
    select * from {{ ref('int_observation_pairs_differenced') }}
    where change_type = 'wave'
)

select
    {{ headline_mart_columns() }}
    wave_changes.from_survey_wave_id as previous_survey_wave_id,
    wave_changes.from_value as previous_wave_value,
    round(wave_changes.difference, 6) as change_from_previous_wave,
    wave_changes.rounding_half_width as change_rounding_half_width,
    wave_changes.standard_error as change_standard_error,
    wave_changes.no_interval_reason as change_no_interval_reason,
from observations
left join wave_changes on observations.observation_id = wave_changes.to_observation_id
where observations.theme = 'productivity'
