with codes as (
    select * from {{ ref('stg_interviews__codes') }}
),

categories as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'toe_categories'
),

interviews as (
    select distinct
        interview_id,
        survey_wave_id,
        publication_id,
    from codes
),

-- a category that an interview does not touch counts 0
counted as (
    select
        interviews.interview_id,
        categories.code_id as toe_category,
        count(codes.interview_code_id) as code_count,
    from interviews
    cross join categories
    left join codes
        on interviews.interview_id = codes.interview_id
        and categories.code_id = codes.toe_category
    group by interviews.interview_id, categories.code_id
)

select
    counted.interview_id || '_' || counted.toe_category as interview_count_id,
    counted.interview_id,
    interviews.survey_wave_id,
    interviews.publication_id,
    counted.toe_category,
    categories.label_da as toe_category_label_da,
    categories.label_en as toe_category_label_en,
    counted.code_count,
    cast(sum(counted.code_count) over (partition by counted.interview_id) as bigint) as interview_code_count,
from counted
inner join interviews on counted.interview_id = interviews.interview_id
inner join categories on counted.toe_category = categories.code_id
