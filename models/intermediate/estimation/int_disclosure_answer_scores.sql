-- The score that each answer of a coded question has in each measure: of the catalogue, or the code itself where the measure has no scores.
with designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
),

scores as (
    select * from {{ ref('stg_responses__estimation_scores') }}
),

options as (
    select * from {{ ref('stg_responses__options') }}
),

coded_measures as (
    select
        designs.design_id,
        designs.survey_wave_id,
        measures.measure_set_id,
        measures.measure_id,
        measures.item_id,
        measures.measure_id in (
            select scores.measure_id
            from scores
            where scores.measure_set_id = measures.measure_set_id
        ) as has_scores,
    from designs
    inner join measures on designs.measure_set_id = measures.measure_set_id
    where measures.statistic in ('share', 'mean', 'total') and not measures.is_amount
)

select
    coded_measures.design_id,
    coded_measures.measure_id,
    coded_measures.item_id,
    options.code,
    case when coded_measures.has_scores then scores.score else options.code end as score,
from coded_measures
inner join options
    on coded_measures.survey_wave_id = options.survey_wave_id and coded_measures.item_id = options.item_id
left join scores
    on coded_measures.measure_set_id = scores.measure_set_id
    and coded_measures.measure_id = scores.measure_id
    and options.code = scores.code
where not coded_measures.has_scores or scores.code is not null
