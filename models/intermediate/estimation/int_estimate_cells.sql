-- depends_on: {{ ref('int_response_problems') }} (responses that cannot be used have no estimates)
-- A row per estimate, side of a change and cell: the scored cell in each of its segments (int_design_segments), with its calibration factor.
-- Numbers of a mean are counted from `estimate_shift`, the smallest shift of the cells of the estimate, until all is summed: int_estimates.
with scored_cells as (
    select * from {{ ref('int_cells_scored') }}
),

weighted_cells as (
    select * from {{ ref('int_cells_weighted') }}
),

segments as (
    select * from {{ ref('int_design_segments') }}
),

design_measures as (
    select * from {{ ref('int_design_measures') }}
),

placed as (
    select
        -- one number for measure and segment: the segments of all designs are fewer than a thousand million
        scored_cells.measure_number * 1000000000 + segments.segment_number as estimate_number,
        segments.change_sign,
        segments.segment_number,
        weighted_cells.stratum_number,
        weighted_cells.psu_id,
        weighted_cells.calibration_factor,
        design_measures.statistic,
        design_measures.is_amount,
        scored_cells.* exclude (design_cell, sum_x, weighted_respondents),
        case when weighted_cells.calibration_factor <> 0 then scored_cells.weighted_respondents else 0 end as weighted_respondents,
    from scored_cells
    inner join weighted_cells on scored_cells.design_cell = weighted_cells.design_cell
    inner join segments on scored_cells.design_cell = segments.design_cell
    inner join design_measures on scored_cells.measure_number = design_measures.measure_number
    -- a breakdown may be of some items alone
    where segments.items is null or list_contains(segments.items, design_measures.item_id)
),

shifts as (
    select
        estimate_number,
        change_sign,
        case when any_value(statistic) = 'mean' then min(shift_y) else 0 end as estimate_shift,
    from placed
    group by estimate_number, change_sign
),

-- joined, which takes half the time of a window
shifted as (
    select
        placed.*,
        shifts.estimate_shift,
    from placed
    inner join shifts on placed.estimate_number = shifts.estimate_number and placed.change_sign = shifts.change_sign
)

select
    * exclude (shift_y, statistic, c_dy, c_dx) replace (
        sum_y + (shift_y - estimate_shift) * respondents as sum_y,
        sum_dy + (shift_y - estimate_shift) * sum_d as sum_dy,
        c_yy + (shift_y - estimate_shift) * (2 * c_dy + (shift_y - estimate_shift) * c_dd) as c_yy,
        c_yx + (shift_y - estimate_shift) * c_dx as c_yx
    ),
from shifted
