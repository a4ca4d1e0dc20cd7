{{ config(materialized='ephemeral') }}
-- What each cell weighs in each estimate: the linearised variable z = w (a y + b x) of its respondents, summed (z_total) and squared about
-- its mean in the cell (z_squares). The two sides of a change are one variable.
with cells as (
    select * from {{ ref('int_estimate_cells') }}
),

sides as (
    select * from {{ ref('int_estimate_sides') }}
),

weighed as (
    select
        cells.*,
        sides.change_sign * sides.y_influence as y_influence,
        sides.change_sign * sides.x_influence as x_influence,
    from cells
    inner join sides on cells.estimate_number = sides.estimate_number and cells.change_sign = sides.change_sign
)

select
    estimate_number,
    change_sign,
    stratum_number,
    psu_id,
    respondents,
    weighted_respondents,
    {{ influence_total('calibration_factor', 'y_influence', 'x_influence', 'sum_dy', 'sum_dx') }} as z_total,
    {{ influence_squares('calibration_factor', 'y_influence', 'x_influence', 'c_yy', 'c_yx', 'c_xx') }} as z_squares,
from weighed
