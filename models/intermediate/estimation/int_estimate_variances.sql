-- The variance of each estimate by linearisation: the sum over its strata, or that of the residuals of calibrated weights.
with stratum_variances as (
    select * from {{ ref('int_estimate_strata') }}
),

residual_variances as (
    select * from {{ ref('int_estimate_residual_variances') }}
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
        count_if(unit_count = 1) as lonely_stratum_count,
    from {{ ref('int_design_strata') }}
    group by design_id
)

select
    summed.estimate_number,
    case
        when designs.calibration_method is not null or designs.replicate_set_id is not null then residual_variances.variance
        else summed.variance * {{ average_factor(
            'designs.lonely_stratum', 'summed.segment_stratum_count', 'summed.lonely_segment_stratum_count'
        ) }}
    end as variance,
    residual_variances.degrees_of_freedom as replicate_degrees_of_freedom,
    residual_variances.segment_degrees_of_freedom as replicate_segment_degrees_of_freedom,
    summed.segment_unit_count,
    summed.weighted_stratum_count as segment_stratum_count,
    lonely.lonely_stratum_count,
from summed
inner join designs on summed.design_id = designs.design_id
inner join lonely on summed.design_id = lonely.design_id
left join residual_variances on summed.estimate_number = residual_variances.estimate_number
