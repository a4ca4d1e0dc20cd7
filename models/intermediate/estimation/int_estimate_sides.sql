-- A row per estimate and side of a change (one without a change) that has an estimate, with what its variance and its interval need: sums,
-- the weights a and b of its linearisation (see influence_total), squares about the estimate.
with cells as (
    select * from {{ ref('int_estimate_cells') }}
),

design_measures as (
    select * from {{ ref('int_design_measures') }}
),

segments as (
    select distinct
        segment_number,
        breakdown_id,
        column_names,
        categories,
        segment,
    from {{ ref('int_design_segments') }}
),

summed as (
    select
        estimate_number,
        change_sign,
        any_value(measure_number) as measure_number,
        any_value(segment_number) as segment_number,
        any_value(estimate_shift) as estimate_shift,
        {{ ordered_sum('sum_y') }} + any_value(estimate_shift) * sum(respondents) as sum_y,
        sum(respondents) as respondents,
        sum(weighted_respondents) as weighted_respondents,
        {{ ordered_sum('calibration_factor * sum_d') }} as sum_w,
        max(calibration_factor * sum_d / respondents) as largest_weight,
        {{ ordered_sum('calibration_factor * sum_dy') }} as sum_wy,
        {{ ordered_sum('calibration_factor * sum_dx') }} as sum_wx,
        {{ ordered_sum('calibration_factor * calibration_factor * (c_dd + sum_d * sum_d / respondents)') }} as sum_ww,
    from cells
    group by estimate_number, change_sign
),

estimated as (
    select
        summed.* exclude (measure_number, segment_number),
        segments.* exclude (segment_number),
        design_measures.design_id,
        design_measures.measure_id,
        design_measures.statistic,
        case
            when design_measures.statistic in ('total', 'population') then summed.sum_wy
            when summed.sum_wx <> 0 then summed.sum_wy / summed.sum_wx
        end as shifted_estimate,
        -- z = w (a y + b x)
        case when design_measures.statistic in ('total', 'population') then 1.0 else 1 / nullif(summed.sum_wx, 0) end as y_influence,
        case
            when design_measures.statistic in ('total', 'population') then 0.0
            else -(summed.sum_wy / nullif(summed.sum_wx, 0)) / nullif(summed.sum_wx, 0)
        end as x_influence,
        count(*) over (partition by summed.estimate_number) as side_count,
        case when design_measures.change_column is null then 1 else 2 end as sides_needed,
    from summed
    inner join segments on summed.segment_number = segments.segment_number
    inner join design_measures on summed.measure_number = design_measures.measure_number
),

squares as (
    select
        cells.estimate_number,
        cells.change_sign,
        cells.calibration_factor * (
            cells.within_dyy
            + case
                when cells.sum_d = 0 then 0.0
                -- a mean that differs from the estimate by rounding only does not differ
                when abs(cells.sum_dy / cells.sum_d - estimated.shifted_estimate) <= 1e-14 * abs(estimated.shifted_estimate) then 0.0
                else cells.sum_d * power(cells.sum_dy / cells.sum_d - estimated.shifted_estimate, 2)
            end
        ) as weighted_squares,
    from cells
    inner join estimated on cells.estimate_number = estimated.estimate_number and cells.change_sign = estimated.change_sign
),

dispersions as (
    select
        estimate_number,
        change_sign,
        {{ ordered_sum('weighted_squares') }} as weighted_squares,
    from squares
    group by estimate_number, change_sign
)

select
    estimated.* exclude (side_count, sides_needed),
    dispersions.weighted_squares,
from estimated
inner join dispersions on estimated.estimate_number = dispersions.estimate_number and estimated.change_sign = dispersions.change_sign
where estimated.side_count = estimated.sides_needed and estimated.shifted_estimate is not null
