{% macro residuals_outside_segments(influences, fits) %}
    {#-
    A query with a row per estimate and cell for the respondents outside the segment (or without a valid answer): calibration
    gives them the residual -w x'B, which is not 0. Columns as in the units of stratum_variances.
    Needs the CTEs design_cells and factors.
    -#}
    select
        fitted.estimate_number,
        calibrated.design_id,
        calibrated.stratum_key,
        calibrated.psu_id,
        calibrated.respondents - coalesce(inside.respondents, 0) as unit_count,
        0 as valid_respondents,
        0 as weighted_respondents,
        -calibrated.calibration_factor * fitted.fit * (calibrated.sum_d - coalesce(inside.sum_d, 0)) as z_total,
        power(calibrated.calibration_factor * fitted.fit, 2) * case
            when calibrated.c_dd = 0 or calibrated.respondents - coalesce(inside.respondents, 0) = 1 then 0.0
            else greatest(0.0, calibrated.c_dd + power(calibrated.sum_d, 2) / calibrated.respondents - coalesce(inside.sum_dd, 0)
                - power(calibrated.sum_d - coalesce(inside.sum_d, 0), 2) / (calibrated.respondents - coalesce(inside.respondents, 0)))
        end as z_squares,
    from {{ fits }} as fitted
    inner join (select distinct estimate_number, design_id from {{ influences }}) as estimates
        on fitted.estimate_number = estimates.estimate_number
    inner join (
        select
            design_cells.*,
            factors.calibration_cell,
            factors.calibration_factor,
        from design_cells
        inner join factors
            on design_cells.calibration_id = factors.calibration_id
            and design_cells.within_category = factors.within_category
            and design_cells.margin_categories = factors.margin_categories
    ) as calibrated
        on estimates.design_id = calibrated.design_id and fitted.calibration_cell = calibrated.calibration_cell
    left join (
        select
            estimate_number,
            survey_wave_id,
            cell_id,
            sum(respondents) as respondents,
            fsum(sum_d) as sum_d,
            fsum(c_dd + sum_d * sum_d / respondents) as sum_dd,
        from {{ influences }}
        where calibration_cell is not null
        group by estimate_number, survey_wave_id, cell_id
    ) as inside
        on fitted.estimate_number = inside.estimate_number
        and calibrated.survey_wave_id = inside.survey_wave_id
        and calibrated.cell_id = inside.cell_id
    where calibrated.respondents > coalesce(inside.respondents, 0)
{%- endmacro %}
