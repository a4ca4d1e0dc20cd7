with estimates as (
    select
        *,
        least(smallest_respondents, segment_unit_count) as firm_count,
    from {{ ref('int_estimates') }}
),

-- Measures that rest on the same firms everywhere hide the same cells: what one hides, another must not give away.
profiles as (
    select
        design_id,
        measure_id,
        md5(string_agg(concat_ws('|', breakdown_id, segment, firm_count), ';' order by breakdown_id, segment)) as firm_profile,
    from estimates
    group by design_id, measure_id
)

select
    estimates.estimate_number,
    estimates.design_id,
    estimates.measure_id,
    estimates.breakdown_id,
    estimates.column_names,
    estimates.categories,
    estimates.is_change,
    estimates.firm_count,
    estimates.firm_count < {{ disclosure_threshold() }} as has_few_firms,
    bool_or(estimates.is_amount and coalesce(estimates.two_largest_share > {{ var('dominance_share') }}, true)) over (
        partition by estimates.design_id, profiles.firm_profile, estimates.breakdown_id, estimates.segment
    ) as is_dominated,
from estimates
inner join profiles on estimates.design_id = profiles.design_id and estimates.measure_id = profiles.measure_id
