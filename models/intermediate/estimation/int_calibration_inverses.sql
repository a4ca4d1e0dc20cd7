-- The generalised inverse of X'WX for each calibrated group, W = design weights or 1.
with recursive cells as (
    select * from {{ ref('int_calibration_cells') }}
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

category_counts as (
    select
        cells.calibration_group,
        cells.calibration_id,
        cells.within_category,
        count(distinct categories.category_number) as category_count,
    from cells
    inner join categories
        on cells.calibration_id = categories.calibration_id and cells.within_category = categories.within_category
    group by all
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
        calibration_group,
        inverse_weights,
        row_number,
        unnest(category_numbers) as column_number,
        sum_d,
        respondents,
    from by_row
),

elements as (
    select
        calibration_group,
        inverse_weights,
        row_number,
        column_number,
        fsum(case inverse_weights when 'base' then sum_d else respondents end) as element,
    from pairs
    group by all
),

matrix_rows as (
    select
        grid.calibration_group,
        grid.inverse_weights,
        grid.row_number,
        list(coalesce(elements.element, 0.0) order by grid.column_number) as matrix_row,
    from (
        select
            weights.calibration_group,
            weights.inverse_weights,
            unnest(range(1, category_counts.category_count + 1)) as row_number,
            column_numbers.column_number,
        from (select distinct calibration_group, inverse_weights from elements) as weights
        inner join category_counts on weights.calibration_group = category_counts.calibration_group
        cross join lateral (select unnest(range(1, category_counts.category_count + 1)) as column_number) as column_numbers
    ) as grid
    left join elements
        on grid.calibration_group = elements.calibration_group
        and grid.inverse_weights = elements.inverse_weights
        and grid.row_number = elements.row_number
        and grid.column_number = elements.column_number
    group by all
),

matrices as (
    select
        calibration_group,
        inverse_weights,
        list(matrix_row order by row_number) as matrix,
    from matrix_rows
    group by all
),

{{ swept_matrices('matrices', ['calibration_group', 'inverse_weights']) }}

select
    calibration_group,
    inverse_weights,
    inverse,
from swept_matrices
