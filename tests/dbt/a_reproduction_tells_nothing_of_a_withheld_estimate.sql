-- Beside a published figure no withheld estimate shows a value, an error or whether it agrees; each has the reason of its kind.
select
    reproduction.figure_id,
    reproduction.reproduction_reason,
from {{ ref('fct_reproduction') }} as reproduction
inner join {{ ref('fct_estimates') }} as estimates on reproduction.estimate_observation_id = estimates.observation_id
where
    estimates.is_withheld
    and (
        coalesce(reproduction.estimate, reproduction.difference, reproduction.standard_error) is not null
        or reproduction.is_within_precision is not null
        or reproduction.reproduction_reason <> case when estimates.is_suppressed then 'suppressed' else 'unreliable' end
    )
