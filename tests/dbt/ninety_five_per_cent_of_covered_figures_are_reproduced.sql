-- Of the published figures that the codebooks cover, demonstration responses give at least 95 % back within printed precision; judged in
-- the build file, in full precision and also where disclosure control hides the estimate.
select
    count(*) as covered_figures,
    count(*) filter (where is_within_precision) as reproduced_figures,
from {{ ref('int_published_figures_reproduced') }}
where is_covered and evidence_type = 'synthetic'
having count(*) filter (where is_within_precision) < 0.95 * count(*)
