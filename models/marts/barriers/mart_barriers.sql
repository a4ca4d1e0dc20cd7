with observations as (
    select * from {{ ref('int_observations_labelled') }}
),

-- A rank is taken inside one question: same group, wave, answer, unit and breakdown; uncertain labels take no part.
-- Where the items are not barriers they are the answers: kinds of help, categories of barriers.
ranked as (
    select
        observation_id,
        rank() over (
            partition by
                comparability_group_id, evidence_type, survey_wave_id, unit_of_measure, industry_id, size_class_id, region_id,
                maturity_level_id, ai_use_group_id, own_group_id, case when barrier_id = 'total' then 'items' else answer_category_id end
            order by observation_value desc
        ) as rank_in_question,
        count(*) over (
            partition by
                comparability_group_id, evidence_type, survey_wave_id, unit_of_measure, industry_id, size_class_id, region_id,
                maturity_level_id, ai_use_group_id, own_group_id, case when barrier_id = 'total' then 'items' else answer_category_id end
        ) as items_in_question,
    from observations
    where
        theme = 'barriers'
        and unit_of_measure = 'percent'
        and value_qualifier = '='
        and observation_status in ('normal', 'derived', 'base_uncertain', 'low_precision')
)

select
    {{ headline_mart_columns() }}
    observations.barrier_id,
    observations.barrier_label_da,
    observations.barrier_label_en,
    observations.parent_barrier_id,
    observations.toe_category,
    observations.toe_category_label_da,
    observations.toe_category_label_en,
    ranked.rank_in_question,
    ranked.items_in_question,
from observations
left join ranked on observations.observation_id = ranked.observation_id
where observations.theme = 'barriers'
