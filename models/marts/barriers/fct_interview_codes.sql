with codes as (
    select * from {{ ref('stg_interviews__codes') }}
),

categories as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'toe_categories'
),

publications as (
    select * from {{ ref('stg_catalogue__publications') }}
)

select
    codes.interview_code_id,
    codes.interview_id,
    codes.survey_wave_id,
    codes.publication_id,
    codes.unit_order,
    codes.toe_category,
    categories.label_da as toe_category_label_da,
    categories.label_en as toe_category_label_en,
    codes.theme_da,
    codes.theme_en,
    publications.source_file,
    codes.source_line,
    publications.citation || ' (linje ' || codes.source_line || ')' as citation,
from codes
inner join categories on codes.toe_category = categories.code_id
inner join publications on codes.publication_id = publications.publication_id
