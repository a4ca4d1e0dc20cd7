with estimates as (
    select
        *,
        least(smallest_respondents, segment_unit_count) as base_count,
    from {{ ref('int_estimates') }}
),

answer_scores as (
    select * from {{ ref('int_disclosure_answer_scores') }}
),

score_ranges as (
    select
        design_id,
        measure_id,
        min(score) as lowest_score,
        max(score) as highest_score,
    from answer_scores
    group by design_id, measure_id
    having min(score) < max(score)
),

-- A share and the number of firms give the number that answered so, and the number that did not; a mean of scores gives the same in
-- answers of the highest and of the lowest score. Of both, and of both sides of a change, the smaller number counts.
answered as (
    select
        estimates.*,
        list_min(list_transform(side_sums, lambda side: round(least(
            side.sum_y - side.respondents * score_ranges.lowest_score,
            side.respondents * score_ranges.highest_score - side.sum_y
        ) / (score_ranges.highest_score - score_ranges.lowest_score), 6))) as rarest_answer_count,
    from estimates
    left join score_ranges on estimates.design_id = score_ranges.design_id and estimates.measure_id = score_ranges.measure_id
),

-- Measures that rest on the same firms everywhere hide the same cells: what one hides, another must not give away.
profiles as (
    select
        design_id,
        measure_id,
        md5(string_agg(concat_ws('|', breakdown_id, segment, base_count), ';' order by breakdown_id, segment)) as firm_profile,
    from estimates
    group by design_id, measure_id
)

select
    answered.estimate_number,
    answered.design_id,
    answered.measure_id,
    answered.breakdown_id,
    answered.column_names,
    answered.categories,
    answered.is_change,
    cast(floor(least(answered.base_count, coalesce(answered.rarest_answer_count, answered.base_count))) as bigint) as firm_count,
    answered.base_count < {{ disclosure_threshold() }} as has_few_firms,
    -- an answer that nobody gave is about nobody
    coalesce(answered.rarest_answer_count > 0 and answered.rarest_answer_count < {{ disclosure_threshold() }}, false) as has_rare_answer,
    bool_or(answered.is_amount and coalesce(answered.two_largest_share > {{ var('dominance_share') }}, true)) over (
        partition by answered.design_id, profiles.firm_profile, answered.breakdown_id, answered.segment
    ) as is_dominated,
from answered
inner join profiles on answered.design_id = profiles.design_id and answered.measure_id = profiles.measure_id
