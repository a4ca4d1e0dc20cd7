{% macro estimate_variances(estimate_cells, sides, designs, strata, cells, inverses, residuals) %}
    {#-
    CTEs ending in `estimate_variances` (estimate_number, variance, segment_unit_count, segment_stratum_count, lonely_stratum_count): the variance by
    linearisation, from Z of each sampling unit, summed within strata; the formulas are in the macros that this one calls.
    -#}
influences as (
    select
        estimate_cells.* exclude (measure_number, segment_number),
        sides.design_id,
        sides.change_sign * sides.y_influence as y_influence,
        sides.change_sign * sides.x_influence as x_influence,
    from {{ estimate_cells }} as estimate_cells
    inner join {{ sides }} as sides
        on estimate_cells.estimate_number = sides.estimate_number
        and estimate_cells.change_sign = sides.change_sign
),

{{ stratum_variances('influences', strata) }},

{{ calibration_corrections('influences', cells, inverses, residuals, strata) }},

variance_sums as (
    select
        estimate_number,
        any_value(design_id) as design_id,
        {{ ordered_sum('variance') }} as variance,
        cast(sum(segment_unit_count) as bigint) as segment_unit_count,
        count_if(segment_unit_count > 0) as weighted_stratum_count,
        count_if(valid_respondents > 0) as segment_stratum_count,
        count_if(valid_respondents > 0 and is_lonely) as lonely_segment_stratum_count,
    from stratum_variances
    group by estimate_number
),

lonely as (
    select
        design_id,
        count(*) as stratum_count,
        count_if(unit_count = 1) as lonely_stratum_count,
    from {{ strata }}
    group by design_id
),

estimate_variances as (
    select
        summed.estimate_number,
        {{ calibrated_variance('summed.variance', 'corrections.covariance', 'corrections.fit_variance') }} * {{ average_factor(
            'designs.lonely_stratum', 'designs.calibration_method is not null', 'lonely.stratum_count', 'lonely.lonely_stratum_count',
            'summed.segment_stratum_count', 'summed.lonely_segment_stratum_count'
        ) }} as variance,
        summed.segment_unit_count,
        summed.weighted_stratum_count as segment_stratum_count,
        lonely.lonely_stratum_count,
    from variance_sums as summed
    inner join {{ designs }} as designs on summed.design_id = designs.design_id
    inner join lonely on summed.design_id = lonely.design_id
    left join calibration_corrections as corrections on summed.estimate_number = corrections.estimate_number
)
{%- endmacro %}
