-- A rank counts the larger items of the same question only: recounted here inside the comparability group and breakdown.
with ranked as (
    select * from {{ ref('mart_barriers') }}
    where rank_in_question is not null
),

recounted as (
    select
        ranked.observation_id,
        ranked.rank_in_question,
        1 + count(larger.observation_id) as expected_rank,
    from ranked
    left join ranked as larger
        on ranked.comparability_group_id = larger.comparability_group_id
        and ranked.survey_wave_id = larger.survey_wave_id
        and ranked.evidence_type = larger.evidence_type
        and ranked.maturity_level_id = larger.maturity_level_id
        and ranked.industry_id = larger.industry_id
        and ranked.size_class_id = larger.size_class_id
        and ranked.region_id = larger.region_id
        and ranked.ai_use_group_id = larger.ai_use_group_id
        and ranked.own_group_id = larger.own_group_id
        and (ranked.barrier_id = 'total') = (larger.barrier_id = 'total')
        and (ranked.answer_category_id = larger.answer_category_id or ranked.barrier_id = 'total')
        and ranked.observation_value < larger.observation_value
    group by ranked.observation_id, ranked.rank_in_question
)

select * from recounted
where rank_in_question <> expected_rank
