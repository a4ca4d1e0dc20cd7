with industries as (
    select * from {{ ref('stg_codelists__industries') }}
)

select
    industry_id,
    sort_order,
    label_da,
    label_en,
    classification,
    classification_code,
    nace_sections,
    parent_industry_id,
    description_en,
from industries
