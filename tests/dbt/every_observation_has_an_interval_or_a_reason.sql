-- An interval contains its value and has a method; without one there is a reason. Never both, never neither.
select
    observation_id,
    interval_method,
    no_interval_reason,
from {{ ref('fct_observations') }}
where
    (interval_method is null) = (no_interval_reason is null)
    or (interval_method is null) <> (ci_lower is null)
    or (ci_lower is null) <> (ci_upper is null)
    or not coalesce(observation_value between ci_lower and ci_upper, true)
