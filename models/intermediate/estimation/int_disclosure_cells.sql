with estimates as (
    select * from {{ ref('int_estimates') }}
)

select
    estimate_number,
    design_id,
    measure_id,
    breakdown_id,
    column_names,
    categories,
    is_change,
    least(smallest_respondents, segment_unit_count) as firm_count,
    least(smallest_respondents, segment_unit_count) < {{ disclosure_threshold() }} as has_few_firms,
    is_amount and coalesce(two_largest_share > {{ var('dominance_share') }}, true) as is_dominated,
from estimates
