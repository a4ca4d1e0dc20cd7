-- No value, no interval and no standard error where an estimate is suppressed or too uncertain; everywhere else a value.
select
    observation_id,
    evidence_type,
    observation_status,
from {{ ref('fct_observations') }}
where
    (observation_value is null) <> (observation_status in ('suppressed', 'unreliable'))
    or (observation_value is null and (standard_error is not null or ci_lower is not null or ci_upper is not null))
    or (observation_status = 'suppressed' and sample_size is not null)
    or (observation_value is null and evidence_type = 'published')
