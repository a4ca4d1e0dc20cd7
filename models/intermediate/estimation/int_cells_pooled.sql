{{ config(materialized='ephemeral') }}
-- The moments of a cell and measure, pooled over the answer codes k of the measure. In a code y is its score s and x is 1, so that only
-- the weights d vary: with D the sum of d, n the respondents and m = D/n, the sum of squares of dy about its mean in the cell is the sum
-- over k of s² c_dd + n (s m - mean of dy)², and likewise for d and its products with dy.
-- Source: Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247 (sums of squares of pooled groups).
with codes as (
    select * from {{ ref('int_cells_read') }}
    where score is not null
),

totals as (
    select
        design_cell,
        measure_number,
        cast(sum(respondents) as bigint) as respondents,
        cast(sum(weighted_respondents) as bigint) as weighted_respondents,
        {{ ordered_sum('respondents * score') }} as sum_y,
        {{ ordered_sum('sum_d') }} as sum_d,
        {{ ordered_sum('sum_d * score') }} as sum_dy,
    from codes
    group by design_cell, measure_number
),

deviations as (
    select
        codes.design_cell,
        codes.measure_number,
        codes.respondents,
        codes.sum_d,
        codes.score,
        codes.c_dd,
        codes.sum_d / codes.respondents - totals.sum_d / totals.respondents as from_mean_d,
        codes.score * codes.sum_d / codes.respondents - totals.sum_dy / totals.respondents as from_mean_dy,
        case when codes.sum_d = 0 then 0.0 else codes.score - totals.sum_dy / totals.sum_d end as from_mean_y,
    from codes
    inner join totals on codes.design_cell = totals.design_cell and codes.measure_number = totals.measure_number
),

squares as (
    select
        design_cell,
        measure_number,
        {{ ordered_sum('sum_d * from_mean_y * from_mean_y') }} as within_dyy,
        {{ ordered_sum('c_dd + respondents * from_mean_d * from_mean_d') }} as c_dd,
        {{ ordered_sum('score * c_dd + respondents * from_mean_d * from_mean_dy') }} as c_dy,
        {{ ordered_sum('score * score * c_dd + respondents * from_mean_dy * from_mean_dy') }} as c_yy,
    from deviations
    group by design_cell, measure_number
)

select
    totals.*,
    totals.respondents as sum_x,
    totals.sum_d as sum_dx,
    squares.within_dyy,
    squares.c_dd,
    squares.c_dy,
    squares.c_dd as c_dx,
    squares.c_yy,
    squares.c_dy as c_yx,
    squares.c_dd as c_xx,
from totals
inner join squares on totals.design_cell = squares.design_cell and totals.measure_number = squares.measure_number
