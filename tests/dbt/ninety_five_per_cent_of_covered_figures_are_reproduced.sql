-- Answers of a demonstration were changed until its estimates agreed with print: at least 95 % of the figures that the codebooks cover
-- do, or indicators, bases and breakdowns of seeds, codebooks and engine no longer mean the same. And there is something to agree with:
-- a wave that has demonstration responses and printed figures has five covered ones at the least, so that no row does not pass for all.
with demonstrated as (
    select distinct designs.survey_wave_id
    from {{ ref('stg_responses__estimation_designs') }} as designs
    inner join {{ ref('int_designs_evidenced') }} as evidence on designs.design_id = evidence.design_id
    where evidence.evidence_type = 'synthetic'
),

printed as (
    select distinct survey_wave_id from {{ ref('fct_published_figures') }}
),

-- in full precision, also where disclosure control hides the estimate
covered as (
    select * from {{ ref('int_published_figures_reproduced') }}
    where is_covered and evidence_type = 'synthetic'
),

waves as (
    select
        demonstrated.survey_wave_id,
        count(covered.figure_id) as covered_figures,
        count(*) filter (where covered.is_within_precision) as reproduced_figures,
    from demonstrated
    inner join printed on demonstrated.survey_wave_id = printed.survey_wave_id
    left join covered on demonstrated.survey_wave_id = covered.survey_wave_id
    group by demonstrated.survey_wave_id
)

select
    min(covered_figures) as fewest_covered_figures_of_a_wave,
    sum(covered_figures) as covered_figures,
    sum(reproduced_figures) as reproduced_figures,
from waves
having min(covered_figures) < 5 or sum(reproduced_figures) < 0.95 * sum(covered_figures)
