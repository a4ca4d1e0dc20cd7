with calibration_cells as (
    select * from {{ ref('int_calibration_cells') }}
),

factors as (
    select * from {{ ref('int_calibration_factors_raked') }}
    union all by name
    select * from {{ ref('int_calibration_factors_linear') }}
),

calibrated as (
    select
        cells.*,
        factors.calibration_factor,
        factors.rounds,
    from calibration_cells as cells
    inner join factors on cells.calibration_cell = factors.calibration_cell
),

margin_errors as (
    select
        calibration_id,
        max(relative_error) as largest_margin_error,
    from (
        select
            calibration_id,
            abs({{ ordered_sum('sum_d * calibration_factor') }} / nullif(any_value(population_count), 0) - 1) as relative_error,
        from (
            select
                calibration_id,
                sum_d,
                calibration_factor,
                unnest(category_numbers) as category_number,
                unnest(population_counts) as population_count,
            from calibrated
        ) as weighted
        group by calibration_id, category_number
    ) as margins
    group by calibration_id
)

select
    calibrated.calibration_cell,
    calibrated.calibration_id,
    calibrated.calibration_method,
    calibrated.residual_weights,
    calibrated.within_category,
    calibrated.margin_categories,
    calibrated.respondents,
    calibrated.sum_d,
    calibrated.category_numbers,
    calibrated.calibration_factor,
    calibrated.rounds,
    margin_errors.largest_margin_error,
from calibrated
inner join margin_errors on calibrated.calibration_id = margin_errors.calibration_id
