-- The generalised inverse of X'WX of each calibration, W = design weights or 1; categories of different groups do not meet.
with recursive cells as (
    select * from {{ ref('int_calibration_cells') }}
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

category_counts as (
    select
        calibration_id,
        max(category_number) as category_count,
    from categories
    group by calibration_id
),

-- linear calibration needs the design weights whatever the residuals are weighted by
weighted as (
    select
        *,
        unnest(case
            when calibration_method = 'linear' and residual_weights = 'unweighted' then ['base', 'unweighted']
            else [residual_weights]
        end) as inverse_weights,
    from cells
),

by_row as (
    select
        *,
        unnest(category_numbers) as row_number,
    from weighted
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

elements as (
    select
        calibration_id,
        inverse_weights,
        row_number,
        column_number,
        {{ ordered_sum('case inverse_weights when \'base\' then sum_d else respondents end') }} as element,
    from pairs
    group by all
),

matrix_rows as (
    select
        grid.calibration_id,
        grid.inverse_weights,
        grid.row_number,
        list(coalesce(elements.element, 0.0) order by grid.column_number) as matrix_row,
    from (
        select
            weights.calibration_id,
            weights.inverse_weights,
            unnest(range(1, category_counts.category_count + 1)) as row_number,
            column_numbers.column_number,
        from (select distinct calibration_id, inverse_weights from elements) as weights
        inner join category_counts on weights.calibration_id = category_counts.calibration_id
        cross join lateral (select unnest(range(1, category_counts.category_count + 1)) as column_number) as column_numbers
    ) as grid
    left join elements
        on grid.calibration_id = elements.calibration_id
        and grid.inverse_weights = elements.inverse_weights
        and grid.row_number = elements.row_number
        and grid.column_number = elements.column_number
    group by all
),

matrices as (
    select
        calibration_id,
        inverse_weights,
        list(matrix_row order by row_number) as matrix,
    from matrix_rows
    group by all
),

{{ swept_matrices('matrices', ['calibration_id', 'inverse_weights']) }}

select
    calibration_id,
    inverse_weights,
    inverse,
from swept_matrices
