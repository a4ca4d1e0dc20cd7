-- Stops the build before any estimate where calibrated weights do not add up to their margins.
{{ config(enabled=var('response_checks') == 'enforced', fail_calc=stop_with_messages()) }}
with factors as (
    select distinct
        calibration_id,
        calibration_method,
        rounds,
        largest_margin_error,
    from {{ ref('int_calibration_factors') }}
),

calibrations as (
    select distinct
        calibration_id,
        design_id,
    from {{ ref('int_design_cells') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
)

select
    'Survey ' || designs.survey_id || ', wave ' || designs.survey_wave_id || ': the weights of design ' || designs.design_id
    || ' (' || factors.calibration_method || ') miss a margin by ' || coalesce(cast(factors.largest_margin_error as varchar), 'an unknown part')
    || ' of its size after ' || factors.rounds || ' rounds; the margins cannot be met by these respondents [calibration_converges]' as message,
from factors
inner join calibrations on factors.calibration_id = calibrations.calibration_id
inner join designs on calibrations.design_id = designs.design_id
-- without a round there was a category without a population count, which int_response_problems names
where factors.rounds > 0 and coalesce(factors.largest_margin_error > 1e-9, true)
