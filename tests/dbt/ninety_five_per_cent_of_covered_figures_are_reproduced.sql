-- Of the published figures that the codebooks cover, demonstration responses give at least 95 % back within printed precision.
select
    count(*) as covered_figures,
    count(*) filter (where is_within_precision) as reproduced_figures,
from {{ ref('fct_reproduction') }}
where is_covered and evidence_type = 'synthetic'
having count(*) filter (where is_within_precision) < 0.95 * count(*)
