-- Every comparison of the plan, with its effect or the rule that keeps it from having one.
with counts as (
    select
        matching_number,
        count(*) filter (where is_treated) as treated,
        count(*) filter (where not is_treated) as controls,
    from {{ ref('int_matching_rows') }}
    group by matching_number
)

select
    comparisons.comparison_number,
    comparisons.matching_number,
    coalesce(counts.treated, 0) as treated,
    coalesce(counts.controls, 0) as controls,
    coalesce(effects.treated_matched, 0) as treated_matched,
    coalesce(effects.controls_used, 0) as controls_used,
    coalesce(effects.pairs, 0) as pairs,
    effects.* exclude (comparison_number, matching_number, treated_matched, controls_used, pairs),
    problems.rule as not_computed_rule,
    problems.message as not_computed_message,
from {{ ref('stg_matching__comparisons') }} as comparisons
left join counts on comparisons.matching_number = counts.matching_number
left join {{ ref('int_matching_effects') }} as effects on comparisons.comparison_number = effects.comparison_number
left join {{ ref('int_matching_problems') }} as problems on comparisons.matching_number = problems.matching_number
