-- Variance by linearisation: z of each sampling unit, summed within strata; the formulas are in macros/estimation/.
with estimate_cells as (
    select * from {{ ref('int_estimate_cells') }}
),

sides as (
    select * from {{ ref('int_estimate_sides') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

design_cells as (
    select * from {{ ref('int_design_cells') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
),

strata as (
    select
        design_id,
        stratum_key,
        {{ sampling_units('psu_id', 'respondents') }} as unit_count,
        min(stratum_population_size) as stratum_population_size,
    from design_cells
    group by all
),

influences as (
    select
        sides.estimate_number,
        estimate_cells.*,
        sides.change_sign * sides.y_influence as y_influence,
        sides.change_sign * sides.x_influence as x_influence,
    from estimate_cells
    inner join sides
        on estimate_cells.design_id = sides.design_id
        and estimate_cells.measure_id = sides.measure_id
        and estimate_cells.breakdown_id = sides.breakdown_id
        and estimate_cells.segment = sides.segment
        and estimate_cells.change_sign = sides.change_sign
),

{{ calibration_fits('influences', 'factors') }},

-- rows of the segment, and for a calibrated sample all others, whose residual is what the calibration predicts for them
units as (
    select
        influences.estimate_number,
        influences.design_id,
        influences.stratum_key,
        influences.psu_id,
        influences.respondents as unit_count,
        influences.respondents as valid_respondents,
        influences.weighted_respondents,
        {{ residual_total() }} as z_total,
        {{ residual_squares() }} as z_squares,
    from influences
    left join calibration_fits as fits
        on influences.estimate_number = fits.estimate_number and influences.calibration_cell = fits.calibration_cell
    union all by name
    {{ residuals_outside_segments('influences', 'calibration_fits') }}
),

{{ stratum_variances('units', 'strata') }},

lonely as (
    select
        strata.design_id,
        count(*) as stratum_count,
        count_if(strata.unit_count = 1) as lonely_stratum_count,
    from strata
    group by all
)

select
    stratum_variances.estimate_number,
    stratum_variances.design_id,
    {{ summed_variance() }} as variance,
    cast(sum(stratum_variances.segment_unit_count) as bigint) as segment_unit_count,
    count_if(stratum_variances.segment_unit_count > 0) as segment_stratum_count,
    any_value(lonely.lonely_stratum_count) as lonely_stratum_count,
from stratum_variances
inner join designs on stratum_variances.design_id = designs.design_id
inner join lonely on stratum_variances.design_id = lonely.design_id
group by stratum_variances.estimate_number, stratum_variances.design_id, designs.lonely_stratum, designs.calibration_method
