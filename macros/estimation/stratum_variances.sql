{% macro stratum_variances(units, strata) %}
    {#-
    CTEs ending in `stratum_variances`: what each stratum adds to the variance of each estimate,
    f n/(n-1) sum (z - mean z)², f = 1 - n/N, over all n sampling units of the stratum; units that have no row in the relation
    count with z = 0. `units` holds groups of units (unit_count, z_total, z_squares about the group's mean) or, where psu_id
    is given, parts of a unit that are added up first. A fraction f below 1e-7 counts as a complete census of the stratum.
    Lonely strata (n = 1) follow lonely_stratum_variance.
    Source: Cochran (1977), Sampling Techniques, 5.6 and 9.3; Wolter (2007), Introduction to Variance Estimation, 6.11.
    -#}
unit_groups as (
    select
        estimate_number,
        design_id,
        stratum_key,
        1 as unit_count,
        sum(valid_respondents) as valid_respondents,
        cast(sum(weighted_respondents) > 0 as integer) as segment_unit_count,
        fsum(z_total) as z_total,
        0.0 as z_squares,
    from {{ units }}
    where psu_id is not null
    group by estimate_number, design_id, stratum_key, psu_id
    union all by name
    select
        estimate_number,
        design_id,
        stratum_key,
        unit_count,
        valid_respondents,
        weighted_respondents as segment_unit_count,
        z_total,
        z_squares,
    from {{ units }}
    where psu_id is null
),

stratum_totals as (
    select
        unit_groups.estimate_number,
        unit_groups.design_id,
        unit_groups.stratum_key,
        any_value(strata.unit_count) as unit_count,
        any_value(strata.stratum_population_size) as stratum_population_size,
        sum(unit_groups.unit_count) as units_with_rows,
        sum(unit_groups.valid_respondents) as valid_respondents,
        sum(unit_groups.segment_unit_count) as segment_unit_count,
        fsum(unit_groups.z_total) as z_total,
        fsum(unit_groups.z_total) / any_value(strata.unit_count) as z_mean,
    from unit_groups
    inner join {{ strata }} as strata
        on unit_groups.design_id = strata.design_id and unit_groups.stratum_key = strata.stratum_key
    group by unit_groups.estimate_number, unit_groups.design_id, unit_groups.stratum_key
),

stratum_squares as (
    select
        unit_groups.estimate_number,
        unit_groups.stratum_key,
        fsum(
            unit_groups.z_squares
            + unit_groups.unit_count * power(unit_groups.z_total / unit_groups.unit_count - stratum_totals.z_mean, 2)
        ) as z_squares,
    from unit_groups
    inner join stratum_totals
        on unit_groups.estimate_number = stratum_totals.estimate_number
        and unit_groups.stratum_key = stratum_totals.stratum_key
    group by unit_groups.estimate_number, unit_groups.stratum_key
),

stratum_variances as (
    select
        stratum_totals.estimate_number,
        stratum_totals.design_id,
        stratum_totals.stratum_key,
        stratum_totals.valid_respondents,
        stratum_totals.segment_unit_count,
        stratum_totals.unit_count = 1 as is_lonely,
        {{ sampling_fraction_left('stratum_totals.unit_count', 'stratum_totals.stratum_population_size') }} * case
            when stratum_totals.unit_count = 1 then {{ lonely_stratum_variance('designs.lonely_stratum', 'stratum_totals.z_total') }}
            else (
                stratum_squares.z_squares
                + (stratum_totals.unit_count - stratum_totals.units_with_rows) * power(stratum_totals.z_mean, 2)
            ) * stratum_totals.unit_count / (stratum_totals.unit_count - 1)
        end as variance,
    from stratum_totals
    inner join stratum_squares
        on stratum_totals.estimate_number = stratum_squares.estimate_number
        and stratum_totals.stratum_key = stratum_squares.stratum_key
    inner join designs on stratum_totals.design_id = designs.design_id
)
{%- endmacro %}
