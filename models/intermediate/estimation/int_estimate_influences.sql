-- What each cell weighs in each estimate: the linearised variable z = w (a y + b x) of its respondents, summed (z_total), squared about its
-- mean in the cell (z_squares) and multiplied by the weight (zw_product); u_total is the sum of u = z/w, weighted as the residuals are.
-- The two sides of a change are one variable.
with cells as (
    select * from {{ ref('int_estimate_cells') }}
),

sides as (
    select * from {{ ref('int_estimate_sides') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
),

weighed as (
    select
        cells.*,
        sides.change_sign * sides.y_influence as y_influence,
        sides.change_sign * sides.x_influence as x_influence,
        factors.residual_weights,
    from cells
    inner join sides on cells.estimate_number = sides.estimate_number and cells.change_sign = sides.change_sign
    left join factors on cells.calibration_cell = factors.calibration_cell
)

select
    estimate_number,
    change_sign,
    design_id,
    stratum_number,
    psu_id,
    calibration_cell,
    respondents,
    weighted_respondents,
    {{ influence_total('calibration_factor', 'y_influence', 'x_influence', 'sum_dy', 'sum_dx') }} as z_total,
    {{ influence_squares('calibration_factor', 'y_influence', 'x_influence', 'c_yy', 'c_yx', 'c_xx') }} as z_squares,
    power(calibration_factor, 2) * (
        y_influence * (c_dy + sum_d * sum_dy / respondents) + x_influence * (c_dx + sum_d * sum_dx / respondents)
    ) as zw_product,
    case residual_weights
        when 'base' then y_influence * sum_dy + x_influence * sum_dx
        else y_influence * sum_y + x_influence * sum_x
    end as u_total,
from weighed
