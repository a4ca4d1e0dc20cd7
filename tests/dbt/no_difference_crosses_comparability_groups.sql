-- Every difference lives inside one comparability group, one evidence type and one unit: looked up from the observations themselves.
select
    changes.change_id,
    earlier.comparability_group_id as from_group,
    later.comparability_group_id as to_group,
from {{ ref('fct_changes') }} as changes
inner join {{ ref('fct_observations') }} as earlier on changes.from_observation_id = earlier.observation_id
inner join {{ ref('fct_observations') }} as later on changes.to_observation_id = later.observation_id
where
    earlier.comparability_group_id <> later.comparability_group_id
    or earlier.evidence_type <> later.evidence_type
    or earlier.unit_of_measure <> later.unit_of_measure
    or earlier.base_population_id <> later.base_population_id
    or earlier.indicator_id <> later.indicator_id
