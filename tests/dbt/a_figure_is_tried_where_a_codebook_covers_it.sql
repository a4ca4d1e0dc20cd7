-- A figure that a codebook covers is met or missed; one that no codebook covers is not tried and says which part of its key is missing.
select
    figure_id,
    is_covered,
    is_within_precision,
    reproduction_reason,
from {{ ref('fct_reproduction') }}
where
    is_covered <> (is_within_precision is not null)
    or (not is_covered and reproduction_reason is null)
