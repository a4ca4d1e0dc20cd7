-- How many firms gave the rarest answer. A share and the number of firms give the number that answered so, and the number that did not; a mean
-- of scores gives the same in answers of the highest and of the lowest score. Of both, and of both sides of a change, the smaller number counts.
-- A firm with several respondents is one, however often it gave the answer.
with sides as (
    select * from {{ ref('int_estimate_sides') }}
),

cells as (
    select * from {{ ref('int_estimate_cells') }}
    where psu_id is not null
),

design_measures as (
    select * from {{ ref('int_design_measures') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

score_ranges as (
    select
        design_id,
        measure_id,
        min(score) as lowest_score,
        max(score) as highest_score,
    from {{ ref('int_disclosure_answer_scores') }}
    group by design_id, measure_id
    having min(score) < max(score)
),

summed as (
    select
        cells.estimate_number,
        cells.change_sign,
        design_measures.design_id,
        design_measures.measure_id,
        1 as most,
        sum(cells.respondents) as respondents,
        sum(cells.sum_y) as sum_y,
    from cells
    inner join design_measures on cells.measure_number = design_measures.measure_number
    group by cells.estimate_number, cells.change_sign, design_measures.design_id, design_measures.measure_id, cells.stratum_number, cells.psu_id
    union all by name
    select
        sides.estimate_number,
        sides.change_sign,
        sides.design_id,
        sides.measure_id,
        null as most,
        sides.respondents,
        sides.sum_y,
    from sides
    inner join designs on sides.design_id = designs.design_id
    where not coalesce(designs.has_psu, false)
),

answered as (
    select
        summed.estimate_number,
        summed.change_sign,
        sum(least((summed.sum_y - summed.respondents * ranges.lowest_score) / (ranges.highest_score - ranges.lowest_score), summed.most))
            as highest_answers,
        sum(least((summed.respondents * ranges.highest_score - summed.sum_y) / (ranges.highest_score - ranges.lowest_score), summed.most))
            as lowest_answers,
    from summed
    inner join score_ranges as ranges on summed.design_id = ranges.design_id and summed.measure_id = ranges.measure_id
    group by summed.estimate_number, summed.change_sign
)

select
    estimate_number,
    min(round(least(highest_answers, lowest_answers), 6)) as rarest_answer_count,
from answered
group by estimate_number
