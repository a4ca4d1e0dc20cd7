-- Ranks, differences, previous values, comparisons and headline shares stay inside one evidence type: looked up from the observations.
with observations as (
    select
        observation_id,
        evidence_type,
        survey_wave_id,
    from {{ ref('fct_observations') }}
),

differences as (
    select
        'difference' as calculation,
        changes.change_id as key,
        earlier.evidence_type,
        later.evidence_type as other_evidence_type,
    from {{ ref('fct_changes') }} as changes
    inner join observations as earlier on changes.from_observation_id = earlier.observation_id
    inner join observations as later on changes.to_observation_id = later.observation_id
    where earlier.evidence_type <> later.evidence_type or changes.evidence_type <> later.evidence_type
),

-- as many items as the question has in this evidence type, not more
counted as (
    select
        observation_id,
        evidence_type,
        items_in_question,
        count(*) over (
            partition by
                evidence_type, comparability_group_id, survey_wave_id, unit_of_measure, industry_id, size_class_id, region_id,
                maturity_level_id, ai_use_group_id, case when barrier_id = 'total' then 'items' else answer_category_id end
        ) as items_of_evidence_type,
    from {{ ref('mart_barriers') }}
    where rank_in_question is not null
),

ranks as (
    select
        'rank' as calculation,
        observation_id as key,
        evidence_type,
        items_in_question || ' ranked, ' || items_of_evidence_type || ' of this evidence type' as other_evidence_type,
    from counted
    where items_in_question <> items_of_evidence_type
),

-- the value of the wave before is a value of the same evidence type
previous_values as (
    select
        'previous wave' as calculation,
        later.observation_id as key,
        later.evidence_type,
        cast(null as varchar) as other_evidence_type,
    from {{ ref('mart_productivity') }} as later
    left join {{ ref('mart_productivity') }} as earlier
        on later.previous_survey_wave_id = earlier.survey_wave_id
        and later.evidence_type = earlier.evidence_type
        and later.comparability_group_id = earlier.comparability_group_id
        and later.previous_wave_value = earlier.observation_value
    where later.previous_survey_wave_id is not null and earlier.observation_id is null
),

-- headline shares and their comparisons are published ones
headlines as (
    select
        'headline' as calculation,
        headline_figures.headline_id as key,
        observations.evidence_type,
        'published' as other_evidence_type,
    from {{ ref('fct_headline_figures') }} as headline_figures
    inner join observations on headline_figures.observation_id = observations.observation_id
    where observations.evidence_type <> 'published'
)

select * from differences
union all
select * from ranks
union all
select * from previous_values
union all
select * from headlines
