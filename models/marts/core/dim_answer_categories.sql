select * from {{ ref('stg_codelists__answer_categories') }}
