-- What each stratum adds to the variance of each estimate, s (sum Z² - m (sum Z)²) over all n sampling units of the stratum, computed about
-- the mean of Z; units without a row in the segment count with Z = 0. Formula and source: stratum_scale.
with units as (
    select * from {{ ref('int_estimate_units') }}
),

strata as (
    select * from {{ ref('int_design_strata') }}
),

totals as (
    select
        estimate_number,
        stratum_number,
        sum(unit_count) as units_with_rows,
        cast(sum(valid_respondents) as bigint) as valid_respondents,
        cast(sum(segment_unit_count) as bigint) as segment_unit_count,
        {{ ordered_sum('z_total') }} as z_total,
    from units
    group by estimate_number, stratum_number
),

squares as (
    select
        units.estimate_number,
        units.stratum_number,
        {{ ordered_sum(
            'units.z_squares + units.unit_count * power(units.z_total / units.unit_count - totals.z_total * strata.mean_factor, 2)'
        ) }} as z_squares,
    from units
    inner join totals on units.estimate_number = totals.estimate_number and units.stratum_number = totals.stratum_number
    inner join strata on units.stratum_number = strata.stratum_number
    group by units.estimate_number, units.stratum_number
)

select
    totals.estimate_number,
    totals.stratum_number,
    strata.design_id,
    totals.valid_respondents,
    totals.segment_unit_count,
    totals.z_total,
    strata.unit_count = 1 as is_lonely,
    strata.variance_scale * (
        squares.z_squares + (strata.unit_count - totals.units_with_rows) * power(totals.z_total * strata.mean_factor, 2)
    ) as variance,
from totals
inner join squares on totals.estimate_number = squares.estimate_number and totals.stratum_number = squares.stratum_number
inner join strata on totals.stratum_number = strata.stratum_number
