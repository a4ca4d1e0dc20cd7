with estimates as (
    select
        *,
        least(smallest_respondents, segment_unit_count) as base_count,
    from {{ ref('int_estimates') }}
),

bases as (
    select * from {{ ref('int_disclosure_bases') }}
),

rarest_answers as (
    select * from {{ ref('int_disclosure_rarest_answers') }}
),

answered as (
    select
        estimates.*,
        rarest_answers.rarest_answer_count,
    from estimates
    left join rarest_answers on estimates.estimate_number = rarest_answers.estimate_number
),

-- Measures that rest on the same firms everywhere hide the same cells: what one hides, another must not give away.
profiles as (
    select
        design_id,
        measure_id,
        md5(string_agg(concat_ws('|', breakdown_id, segment, base_count), ';' order by breakdown_id, segment)) as firm_profile,
    from estimates
    group by design_id, measure_id
),

flagged as (
    select
        answered.estimate_number,
        answered.design_id,
        answered.measure_id,
        answered.breakdown_id,
        answered.segment,
        answered.column_names,
        answered.categories,
        answered.is_change,
        answered.base_count as firm_count,
        answered.base_count < {{ disclosure_threshold() }} as has_few_firms,
        -- an answer that nobody gave is about nobody
        coalesce(answered.rarest_answer_count > 0 and answered.rarest_answer_count < {{ disclosure_threshold() }}, false) as has_rare_answer,
        bool_or(answered.is_amount and coalesce(answered.two_largest_share > {{ var('dominance_share') }}, true)) over (
            partition by answered.design_id, profiles.firm_profile, answered.breakdown_id, answered.segment
        ) as is_dominated,
    from answered
    inner join profiles on answered.design_id = profiles.design_id and answered.measure_id = profiles.measure_id
),

-- the number of firms in a sub-population tells how many gave the answer that defines it
on_rare_bases as (
    select distinct dependents.estimate_number,
    from flagged as defining
    inner join bases on defining.design_id = bases.design_id and defining.measure_id = bases.measure_id
    inner join flagged as dependents
        on bases.design_id = dependents.design_id
        and bases.dependent_id = dependents.measure_id
        and defining.breakdown_id = dependents.breakdown_id
        and defining.segment = dependents.segment
    where defining.has_rare_answer and bases.is_wider
)

select
    flagged.* exclude (segment),
    on_rare_bases.estimate_number is not null as has_rare_base,
    -- what must not follow from exact numbers either: the number of firms, and amounts that one firm dominates
    flagged.has_few_firms or flagged.is_dominated as is_sensitive,
from flagged
left join on_rare_bases on flagged.estimate_number = on_rare_bases.estimate_number
