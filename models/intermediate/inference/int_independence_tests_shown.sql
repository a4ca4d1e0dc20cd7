-- Tests of tables of which every cell is shown: each answer that is estimated, in each group, and in all. Where a cell would be another one,
-- were a hidden count another one, the test has one digit.
with tests as (
    select * from {{ ref('int_independence_tests') }}
),

items as (
    select
        designs.design_id,
        measures.measure_id,
        measures.item_id,
    from {{ ref('stg_responses__estimation_designs') }} as designs
    inner join {{ ref('stg_responses__estimation_measures') }} as measures on designs.measure_set_id = measures.measure_set_id
),

shown as (
    select
        shown.*,
        items.item_id,
    from {{ ref('int_estimates_shown') }} as shown
    inner join items on shown.design_id = items.design_id and shown.measure_id = items.measure_id
),

-- one row for each question and breakdown
questions as (
    select
        design_id,
        item_id,
        breakdown_id,
        any_value(survey_id) as survey_id,
        any_value(survey_wave_id) as survey_wave_id,
        any_value(evidence_type) as evidence_type,
        any_value(evidence_notice_da) as evidence_notice_da,
        any_value(evidence_notice_en) as evidence_notice_en,
        any_value(breakdown_columns) as breakdown_columns,
        any_value(source_file) as source_file,
        count(distinct indicator_id) as indicator_count,
        any_value(indicator_id) as indicator_id,
        bool_or(is_beside_hidden) as is_beside_hidden,
    from shown
    group by design_id, item_id, breakdown_id
    having not bool_or(is_withheld)
),

-- their degrees of freedom are the firms of the base less strata: so many gave the answer that leads to it
on_answered_bases as (
    select distinct
        design_id,
        measure_id,
    from shown
    where is_on_answered_base
),

totals as (
    select
        design_id,
        item_id,
    from shown
    where breakdown_columns = ''
    group by design_id, item_id
    having not bool_or(is_withheld)
),

wordings as (
    select
        response_items.survey_wave_id,
        response_items.item_id,
        questions.wording_da,
        questions.wording_en,
    from {{ ref('stg_responses__items') }} as response_items
    inner join {{ ref('stg_catalogue__questions') }} as questions on response_items.question_id = questions.question_id
)

select
    'ind_' || left(md5(concat_ws('|', questions.evidence_type, tests.design_id, tests.item_id, tests.measure_id, tests.breakdown_id, tests.test)), 16)
        as test_id,
    tests.design_id,
    questions.survey_id,
    questions.survey_wave_id,
    tests.item_id,
    tests.measure_id,
    case when questions.indicator_count = 1 then questions.indicator_id end as indicator_id,
    questions.evidence_type,
    questions.evidence_notice_da,
    questions.evidence_notice_en,
    wordings.wording_da,
    wordings.wording_en,
    tests.breakdown_id,
    questions.breakdown_columns,
    tests.test as independence_test,
    case when questions.is_beside_hidden then {{ two_digits('tests.statistic', 1) }} else round(tests.statistic, 2) end as test_statistic,
    round(tests.numerator_degrees_of_freedom, case when questions.is_beside_hidden then 0 else 2 end) as numerator_degrees_of_freedom,
    case when isfinite(tests.denominator_degrees_of_freedom) and on_answered_bases.measure_id is null then
        case
            when questions.is_beside_hidden then {{ two_digits('tests.denominator_degrees_of_freedom', 1) }}
            else round(tests.denominator_degrees_of_freedom, 1)
        end
    end as denominator_degrees_of_freedom,
    case when questions.is_beside_hidden then {{ two_digits('tests.p_value', 1) }} else {{ two_digits('tests.p_value') }} end as p_value,
    questions.source_file,
from tests
inner join questions
    on tests.design_id = questions.design_id and tests.item_id = questions.item_id and tests.breakdown_id = questions.breakdown_id
inner join totals on tests.design_id = totals.design_id and tests.item_id = totals.item_id
left join on_answered_bases on tests.design_id = on_answered_bases.design_id and tests.measure_id = on_answered_bases.measure_id
left join wordings on questions.survey_wave_id = wordings.survey_wave_id and tests.item_id = wordings.item_id
