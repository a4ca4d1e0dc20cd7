-- What the weights of a wave add up to in each design, beside respondents, population and margins: sums that must be of the same firms.
with design_cells as (
    select * from {{ ref('int_design_cells') }}
),

cells as (
    select * from {{ ref('int_response_cell_weights') }}
    where not is_by_unit
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

-- sampling units that are no firms have no population of firms
strata as (
    select
        survey_wave_id,
        stratum_id,
        max(stratum_population_size) as population,
    from cells
    group by survey_wave_id, stratum_id
),

populations as (
    select
        survey_wave_id,
        case when count(population) = count(*) then {{ ordered_sum('population') }} end as population,
    from strata
    group by survey_wave_id
),

weights as (
    select
        design_id,
        any_value(calibration_id) as calibration_id,
        cast(sum(respondents) as bigint) as respondents,
        {{ ordered_sum('sum_d') }} as sum_weights,
    from design_cells
    group by design_id
),

margins as (
    select
        calibration_id,
        column_name,
        {{ ordered_sum('population_count') }} as margin_total,
    from categories
    group by calibration_id, column_name
),

margin_totals as (
    select
        calibration_id,
        min(margin_total) as margin_total,
    from margins
    group by calibration_id
)

select
    designs.design_id,
    designs.survey_id,
    designs.survey_wave_id,
    designs.margin_set_id,
    designs.earlier_survey_wave_id is not null as has_two_waves,
    weights.respondents,
    weights.sum_weights,
    case when designs.earlier_survey_wave_id is null and not coalesce(designs.has_psu, false) then populations.population end as population,
    margin_totals.margin_total,
    -- what the weights add up to that the estimates are computed with
    coalesce(margin_totals.margin_total, weights.sum_weights) <= weights.respondents * (1 + 1e-6) as is_relative,
from weights
inner join designs on weights.design_id = designs.design_id
left join populations on designs.survey_wave_id = populations.survey_wave_id
left join margin_totals on weights.calibration_id = margin_totals.calibration_id
