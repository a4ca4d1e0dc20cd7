-- The variance of each estimate by linearisation: the sum over its strata, corrected for calibration.
with stratum_variances as (
    select * from {{ ref('int_estimate_strata') }}
),

corrections as (
    select * from {{ ref('int_calibration_corrections') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

summed as (
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
    from {{ ref('int_design_strata') }}
    group by design_id
)

select
    summed.estimate_number,
    {{ calibrated_variance('summed.variance', 'corrections.covariance', 'corrections.fit_variance') }} * {{ average_factor(
        'designs.lonely_stratum', 'designs.calibration_method is not null', 'lonely.stratum_count', 'lonely.lonely_stratum_count',
        'summed.segment_stratum_count', 'summed.lonely_segment_stratum_count'
    ) }} as variance,
    summed.segment_unit_count,
    summed.weighted_stratum_count as segment_stratum_count,
    lonely.lonely_stratum_count,
from summed
inner join designs on summed.design_id = designs.design_id
inner join lonely on summed.design_id = lonely.design_id
left join corrections on summed.estimate_number = corrections.estimate_number
