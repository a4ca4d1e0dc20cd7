with observations as (
    select * from {{ ref('int_observations_labelled') }}
),

base_populations as (
    select * from {{ ref('stg_catalogue__base_populations') }}
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
    observations.matched_comparison_id,
    observations.treated_matched_count,
    observations.controls_used_count,
    observations.matched_difference,
    observations.matched_standard_error,
    observations.matched_ci_lower,
    observations.matched_ci_upper,
    {%- for language in ['da', 'en'] %}
    case when observations.unit_of_measure = 'percent_change' and base_populations.base_kind = 'matched' then {{ matching_caution(language) }} end
        as caution_{{ language }},
    {%- endfor %}
from observations
left join wave_changes on observations.observation_id = wave_changes.to_observation_id
inner join base_populations on observations.base_population_id = base_populations.base_population_id
where observations.theme = 'productivity'
