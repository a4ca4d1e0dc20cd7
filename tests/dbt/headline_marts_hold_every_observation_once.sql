-- Every observation stands in the mart of all themes, and in that of its own theme where there is one.
with headline as (
    select observation_id from {{ ref('mart_all_themes') }}
    union all
    select observation_id from {{ ref('mart_adoption') }}
    union all
    select observation_id from {{ ref('mart_barriers') }}
    union all
    select observation_id from {{ ref('mart_productivity') }}
)

select
    observations.observation_id,
    count(headline.observation_id) as occurrences,
from {{ ref('fct_observations') }} as observations
left join headline on observations.observation_id = headline.observation_id
group by observations.observation_id, observations.theme
having count(headline.observation_id) <> 1 + cast(observations.theme in ('adoption', 'barriers', 'productivity') as integer)
