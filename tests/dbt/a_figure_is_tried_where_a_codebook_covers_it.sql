-- A figure that a codebook covers is met or missed, unless its estimate may not be shown; one that no codebook covers is not tried and
-- says which part of its key is missing.
select
    figure_id,
    is_covered,
    is_within_precision,
    reproduction_reason,
from {{ ref('fct_reproduction') }}
where
    (is_covered and is_within_precision is null and coalesce(reproduction_reason, '') not in ('suppressed', 'unreliable'))
    or (not is_covered and (is_within_precision is not null or reproduction_reason is null))
