{% macro pooled_codes(relation) %}
    {#-
    CTEs ending in `pooled_codes`: the moments of a cell and measure, pooled over the answer codes k of the measure. In a code y is its
    score s and x is 1, so that only the weights d vary: with D the sum of d, n the respondents and m = D/n, the sum of squares of dy about
    its mean in the cell is the sum over k of s² c_dd + n (s m - mean of dy)², and likewise for d and its products with dy.
    Everything later works on a row per cell and measure, not on one per code.
    Source: Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247 (sums of squares of pooled groups).
    -#}
code_totals as (
    select
        design_cell,
        measure_number,
        cast(sum(respondents) as bigint) as respondents,
        cast(sum(weighted_respondents) as bigint) as weighted_respondents,
        {{ ordered_sum('respondents * score') }} as sum_y,
        {{ ordered_sum('sum_d') }} as sum_d,
        {{ ordered_sum('sum_d * score') }} as sum_dy,
    from {{ relation }}
    group by design_cell, measure_number
),

code_deviations as (
    select
        codes.design_cell,
        codes.measure_number,
        codes.respondents,
        codes.sum_d,
        codes.score,
        codes.c_dd,
        codes.sum_d / codes.respondents - code_totals.sum_d / code_totals.respondents as from_mean_d,
        codes.score * codes.sum_d / codes.respondents - code_totals.sum_dy / code_totals.respondents as from_mean_dy,
        case when codes.sum_d = 0 then 0.0 else codes.score - code_totals.sum_dy / code_totals.sum_d end as from_mean_y,
    from {{ relation }} as codes
    inner join code_totals on codes.design_cell = code_totals.design_cell and codes.measure_number = code_totals.measure_number
),

code_squares as (
    select
        design_cell,
        measure_number,
        {{ ordered_sum('sum_d * from_mean_y * from_mean_y') }} as within_dyy,
        {{ ordered_sum('c_dd + respondents * from_mean_d * from_mean_d') }} as c_dd,
        {{ ordered_sum('score * c_dd + respondents * from_mean_d * from_mean_dy') }} as c_dy,
        {{ ordered_sum('score * score * c_dd + respondents * from_mean_dy * from_mean_dy') }} as c_yy,
    from code_deviations
    group by design_cell, measure_number
),

pooled_codes as (
    select
        code_totals.*,
        code_totals.respondents as sum_x,
        code_totals.sum_d as sum_dx,
        code_squares.within_dyy,
        code_squares.c_dd,
        code_squares.c_dy,
        code_squares.c_dd as c_dx,
        code_squares.c_yy,
        code_squares.c_dy as c_yx,
        code_squares.c_dd as c_xx,
        cast(null as double[]) as largest_values,
    from code_totals
    inner join code_squares
        on code_totals.design_cell = code_squares.design_cell and code_totals.measure_number = code_squares.measure_number
)
{%- endmacro %}
