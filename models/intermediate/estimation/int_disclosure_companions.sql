-- Measures of one question that would give each other away. A hidden share stays open because firms could have given another answer: for
-- each measure one pair of answers that it tells apart, and the other measures that tell them apart too and are hidden with it.
with answer_scores as (
    select * from {{ ref('int_disclosure_answer_scores') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

moments as (
    select * from {{ ref('int_response_moments') }}
    where answer_status = 'valid'
),

answer_counts as (
    select
        survey_wave_id,
        variable_id as item_id,
        code,
        sum(respondents) as respondents,
    from moments
    where not is_by_unit
    group by survey_wave_id, variable_id, code
),

answer_pairs as (
    select
        lower_answers.design_id,
        lower_answers.item_id,
        lower_answers.measure_id,
        lower_answers.code as lower_code,
        upper_answers.code as upper_code,
    from answer_scores as lower_answers
    inner join answer_scores as upper_answers
        on lower_answers.design_id = upper_answers.design_id
        and lower_answers.measure_id = upper_answers.measure_id
        and lower_answers.score < upper_answers.score
),

question_measures as (
    select distinct
        design_id,
        item_id,
        measure_id,
    from answer_scores
),

-- a measure in which only one of the two answers counts tells them apart by its number of firms
told_apart as (
    select
        answer_pairs.*,
        question_measures.measure_id as companion_id,
    from answer_pairs
    inner join question_measures
        on answer_pairs.design_id = question_measures.design_id and answer_pairs.item_id = question_measures.item_id
    left join answer_scores as lower_answers
        on question_measures.design_id = lower_answers.design_id
        and question_measures.measure_id = lower_answers.measure_id
        and answer_pairs.lower_code = lower_answers.code
    left join answer_scores as upper_answers
        on question_measures.design_id = upper_answers.design_id
        and question_measures.measure_id = upper_answers.measure_id
        and answer_pairs.upper_code = upper_answers.code
    where lower_answers.score is distinct from upper_answers.score
),

-- the pair that hides fewest; of those the most alike, and then the one that was answered most
chosen as (
    select
        told_apart.design_id,
        told_apart.measure_id,
        told_apart.lower_code,
        told_apart.upper_code,
    from told_apart
    inner join designs on told_apart.design_id = designs.design_id
    left join answer_counts as lower_counts
        on designs.survey_wave_id = lower_counts.survey_wave_id
        and told_apart.item_id = lower_counts.item_id
        and told_apart.lower_code = lower_counts.code
    left join answer_counts as upper_counts
        on designs.survey_wave_id = upper_counts.survey_wave_id
        and told_apart.item_id = upper_counts.item_id
        and told_apart.upper_code = upper_counts.code
    group by told_apart.design_id, told_apart.measure_id, told_apart.lower_code, told_apart.upper_code
    qualify row_number() over (
        partition by told_apart.design_id, told_apart.measure_id
        order by
            count(*), abs(told_apart.upper_code - told_apart.lower_code), least(max(lower_counts.respondents), max(upper_counts.respondents)) desc nulls last,
            told_apart.lower_code, told_apart.upper_code
    ) = 1
)

select
    told_apart.design_id,
    told_apart.measure_id,
    told_apart.companion_id,
from told_apart
inner join chosen
    on told_apart.design_id = chosen.design_id
    and told_apart.measure_id = chosen.measure_id
    and told_apart.lower_code = chosen.lower_code
    and told_apart.upper_code = chosen.upper_code
where told_apart.companion_id <> told_apart.measure_id
