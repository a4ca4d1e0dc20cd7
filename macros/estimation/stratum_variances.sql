{% macro stratum_variances(influences, strata) %}
    {#-
    CTEs ending in `stratum_variances`: what each stratum adds to the variance of each estimate, s (sum Z² - m (sum Z)²) over
    all n sampling units of the stratum (see stratum_scale), computed about the mean of Z. Units without a row in the
    segment count with Z = 0. Where psu_id is given, the rows of a unit are added up first; otherwise each row is a unit.
    Source: stratum_scale.
    -#}
unit_groups as (
    select
        influences.estimate_number,
        influences.stratum_number,
        influences.psu_id,
        1 as unit_count,
        cast(sum(influences.respondents) as bigint) as valid_respondents,
        cast(sum(influences.weighted_respondents) > 0 as bigint) as segment_unit_count,
        {{ ordered_sum(influence_total()) }} as z_total,
        cast(0 as double) as z_squares,
    from {{ influences }} as influences
    where influences.psu_id is not null
    group by influences.estimate_number, influences.stratum_number, influences.psu_id
    union all by name
    select
        influences.estimate_number,
        influences.stratum_number,
        influences.psu_id,
        influences.respondents as unit_count,
        influences.respondents as valid_respondents,
        influences.weighted_respondents as segment_unit_count,
        {{ influence_total() }} as z_total,
        {{ influence_squares() }} as z_squares,
    from {{ influences }} as influences
    where influences.psu_id is null
),

stratum_totals as (
    select
        estimate_number,
        stratum_number,
        sum(unit_count) as units_with_rows,
        sum(valid_respondents) as valid_respondents,
        sum(segment_unit_count) as segment_unit_count,
        {{ ordered_sum('z_total') }} as z_total,
    from unit_groups
    group by estimate_number, stratum_number
),

stratum_squares as (
    select
        unit_groups.estimate_number,
        unit_groups.stratum_number,
        {{ ordered_sum('unit_groups.z_squares + unit_groups.unit_count
            * power(unit_groups.z_total / unit_groups.unit_count - stratum_totals.z_total * strata.mean_factor, 2)') }} as z_squares,
    from unit_groups
    inner join stratum_totals
        on unit_groups.estimate_number = stratum_totals.estimate_number
        and unit_groups.stratum_number = stratum_totals.stratum_number
    inner join {{ strata }} as strata on unit_groups.stratum_number = strata.stratum_number
    group by unit_groups.estimate_number, unit_groups.stratum_number
),

stratum_variances as (
    select
        stratum_totals.estimate_number,
        strata.design_id,
        stratum_totals.stratum_number,
        stratum_totals.valid_respondents,
        stratum_totals.segment_unit_count,
        stratum_totals.z_total,
        strata.unit_count = 1 as is_lonely,
        strata.variance_scale * (
            stratum_squares.z_squares
            + (strata.unit_count - stratum_totals.units_with_rows) * power(stratum_totals.z_total * strata.mean_factor, 2)
        ) as variance,
    from stratum_totals
    inner join stratum_squares
        on stratum_totals.estimate_number = stratum_squares.estimate_number
        and stratum_totals.stratum_number = stratum_squares.stratum_number
    inner join {{ strata }} as strata on stratum_totals.stratum_number = strata.stratum_number
)
{%- endmacro %}
