-- Demonstration responses, which were changed until they agree with print, give every published figure that a codebook covers back,
-- or there is a reason that the source or disclosure control gives; a figure that is not covered says which part of its key no
-- codebook has. Responses that a team has loaded may differ: then the difference is a finding.
select
    figure_id,
    observation_value as published_value,
    computed_value,
from {{ ref('int_published_figures_reproduced') }}
where
    reproduction_reason is null
    and not coalesce(is_within_precision, false)
    and evidence_type = 'synthetic'
