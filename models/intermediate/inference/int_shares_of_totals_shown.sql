-- What part of a total a group has, where the total and those of all groups of the breakdown are shown. The share is that of the two values
-- that are shown, so that it says nothing of them that they do not say.
with shares as (
    select
        *,
        measure_number * 1000000000 + segment_number as estimate_number,
        {{ released_step('100 * standard_error', "'percent'", '0') }} as released_step,
        100 * (share_of_total - ci_lower) as lower_half_width,
        100 * (ci_upper - share_of_total) as upper_half_width,
    from {{ ref('int_shares_of_totals') }}
),

shown as (
    select * from {{ ref('int_estimates_shown') }}
    -- nor a group that would be another one, were a hidden count another one
    where not is_any_group_withheld and not is_any_group_beside_hidden
),

totals as (
    select
        design_id,
        measure_id,
        estimate,
    from shown
    where breakdown_columns = '' and estimate <> 0
)

select
    'sha_' || left(md5(concat_ws('|', shown.evidence_type, shown.design_id, shown.measure_id, shown.breakdown_id, shown.segment)), 16)
        as share_id,
    shown.* exclude (
        estimate_number, estimate, is_withheld, is_any_group_withheld, is_beside_hidden, is_any_group_beside_hidden, is_on_answered_base,
        has_telling_degrees, least_error_ratio, most_error_ratio, observation_id, unit_of_measure, value_factor
    ),
    'percent' as unit_of_measure,
    {{ to_step('100 * shown.estimate / totals.estimate', 'shares.released_step') }} as share_of_total,
    {{ two_digits('100 * shares.standard_error') }} as standard_error,
    {{ to_step('100 * shown.estimate / totals.estimate - shares.lower_half_width', 'shares.released_step') }} as ci_lower,
    {{ to_step('100 * shown.estimate / totals.estimate + shares.upper_half_width', 'shares.released_step') }} as ci_upper,
    case when not shown.has_telling_degrees then shares.degrees_of_freedom end as degrees_of_freedom,
from shares
inner join shown on shares.estimate_number = shown.estimate_number
inner join totals on shown.design_id = totals.design_id and shown.measure_id = totals.measure_id
