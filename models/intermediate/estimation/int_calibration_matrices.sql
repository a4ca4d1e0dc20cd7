-- X'WX of each calibration, x the indicators of the margins' categories, W as inverse_weights says: design weights (base) or 1 (unweighted).
-- Categories of different groups do not meet.
-- Source: Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87, 376-382.
with calibration_cells as (
    select * from {{ ref('int_calibration_cells') }}
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

-- linear calibration needs the design weights whatever the residuals are weighted by
cells as (
    select
        *,
        residual_weights as inverse_weights,
    from calibration_cells
    union all by name
    select
        *,
        'base' as inverse_weights,
    from calibration_cells
    where calibration_method = 'linear' and residual_weights <> 'base'
),

category_counts as (
    select
        calibration_id,
        max(category_number) as category_count,
    from categories
    group by calibration_id
),

by_row as (
    select
        *,
        unnest(category_numbers) as row_number,
    from cells
),

pairs as (
    select
        calibration_id,
        inverse_weights,
        row_number,
        unnest(category_numbers) as column_number,
        sum_d,
        respondents,
    from by_row
),

matrix_elements as (
    select
        calibration_id,
        inverse_weights,
        row_number,
        column_number,
        {{ ordered_sum('case inverse_weights when \'base\' then sum_d else respondents end') }} as element,
    from pairs
    group by all
),

matrix_weights as (
    select distinct
        calibration_id,
        inverse_weights,
    from matrix_elements
),

matrix_rows as (
    select
        grid.calibration_id,
        grid.inverse_weights,
        grid.row_number,
        list(coalesce(matrix_elements.element, 0.0) order by grid.column_number) as matrix_row,
    from (
        select
            weights.calibration_id,
            weights.inverse_weights,
            unnest(range(1, category_counts.category_count + 1)) as row_number,
            column_numbers.column_number,
        from matrix_weights as weights
        inner join category_counts on weights.calibration_id = category_counts.calibration_id
        cross join lateral (select unnest(range(1, category_counts.category_count + 1)) as column_number) as column_numbers
    ) as grid
    left join matrix_elements
        on grid.calibration_id = matrix_elements.calibration_id
        and grid.inverse_weights = matrix_elements.inverse_weights
        and grid.row_number = matrix_elements.row_number
        and grid.column_number = matrix_elements.column_number
    group by all
)

select
    calibration_id,
    inverse_weights,
    list(matrix_row order by row_number) as matrix,
from matrix_rows
group by calibration_id, inverse_weights
