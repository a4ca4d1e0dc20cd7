{% macro estimate_sides(estimate_cells, segments, design_measures) %}
    {#-
    CTEs ending in `estimate_sides`: a row per estimate and side of a change (one without a change) that has an estimate, with what its
    variance and its interval need: sums, the weights a and b of its linearisation (see influence_total), squares about the estimate.
    -#}
side_segments as (
    select distinct
        segment_number,
        design_id,
        breakdown_id,
        column_names,
        categories,
        segment,
    from {{ segments }}
),

summed as (
    select
        estimate_number,
        change_sign,
        any_value(measure_number) as measure_number,
        any_value(segment_number) as segment_number,
        list_slice(list_reverse_sort(flatten(list(largest_values))), 1, 2) as largest_values,
        {{ ordered_sum('sum_y') }} as sum_y,
        sum(respondents) as respondents,
        sum(weighted_respondents) as weighted_respondents,
        {{ ordered_sum('calibration_factor * sum_d') }} as sum_w,
        max(calibration_factor * sum_d / respondents) as largest_weight,
        {{ ordered_sum('calibration_factor * sum_dy') }} as sum_wy,
        {{ ordered_sum('calibration_factor * sum_dx') }} as sum_wx,
        {{ ordered_sum('calibration_factor * calibration_factor * (c_dd + sum_d * sum_d / respondents)') }} as sum_ww,
    from {{ estimate_cells }}
    group by estimate_number, change_sign
),

estimated as (
    select
        summed.* exclude (measure_number, segment_number),
        segments.design_id,
        design_measures.measure_id,
        segments.breakdown_id,
        segments.column_names,
        segments.categories,
        segments.segment,
        design_measures.statistic,
        case
            when design_measures.statistic in ('total', 'population') then summed.sum_wy
            when summed.sum_wx <> 0 then summed.sum_wy / summed.sum_wx
        end as estimate,
        -- z = w (a y + b x)
        case when design_measures.statistic in ('total', 'population') then 1.0 else 1 / nullif(summed.sum_wx, 0) end as y_influence,
        case
            when design_measures.statistic in ('total', 'population') then 0.0
            else -(summed.sum_wy / nullif(summed.sum_wx, 0)) / nullif(summed.sum_wx, 0)
        end as x_influence,
        count(*) over (partition by summed.estimate_number) as side_count,
        case when design_measures.change_column is null then 1 else 2 end as sides_needed,
    from summed
    inner join side_segments as segments on summed.segment_number = segments.segment_number
    inner join {{ design_measures }} as design_measures on summed.measure_number = design_measures.measure_number
),

squares as (
    select
        estimate_cells.estimate_number,
        estimate_cells.change_sign,
        estimate_cells.calibration_factor * (
            estimate_cells.within_dyy
            + case
                when estimate_cells.sum_d = 0 then 0.0
                -- a mean that differs from the estimate by rounding only does not differ
                when abs(estimate_cells.sum_dy / estimate_cells.sum_d - estimated.estimate) <= 1e-14 * abs(estimated.estimate) then 0.0
                else estimate_cells.sum_d * power(estimate_cells.sum_dy / estimate_cells.sum_d - estimated.estimate, 2)
            end
        ) as weighted_squares,
    from {{ estimate_cells }} as estimate_cells
    inner join estimated
        on estimate_cells.estimate_number = estimated.estimate_number
        and estimate_cells.change_sign = estimated.change_sign
),

dispersions as (
    select
        estimate_number,
        change_sign,
        {{ ordered_sum('weighted_squares') }} as weighted_squares,
    from squares
    group by estimate_number, change_sign
),

estimate_sides as (
    select
        estimated.* exclude (side_count, sides_needed),
        dispersions.weighted_squares,
    from estimated
    inner join dispersions
        on estimated.estimate_number = dispersions.estimate_number
        and estimated.change_sign = dispersions.change_sign
    where estimated.side_count = estimated.sides_needed and estimated.estimate is not null
)
{%- endmacro %}
