-- A headline figure is broken down by the dimensions that are not total, and by no other.
with headline as (
    select
        observation_id,
        broken_down_by,
    from {{ ref('mart_all_themes') }}
),

observations as (
    unpivot {{ ref('fct_observations') }}
    on industry_id, size_class_id, region_id, technology_id, maturity_level_id, ai_use_group_id, own_group_id, barrier_id,
    answer_category_id
    into name dimension value group_id
)

select
    headline.observation_id,
    headline.broken_down_by,
    observations.dimension,
    observations.group_id,
from headline
inner join observations on headline.observation_id = observations.observation_id
where (observations.group_id <> 'total')
    <> list_contains(string_split(headline.broken_down_by, ', '), replace(observations.dimension, '_id', ''))
