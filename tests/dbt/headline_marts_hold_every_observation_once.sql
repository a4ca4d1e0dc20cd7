-- Every observation outside data collection stands in exactly one headline mart.
with headline as (
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
having count(headline.observation_id) <> case when observations.theme = 'response' then 0 else 1 end
