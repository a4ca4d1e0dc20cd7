with codes as (
    select * from {{ ref('stg_codelists__codes') }}
)

select
    codelist_id,
    code_id,
    sort_order,
    label_da,
    label_en,
    description_da,
    description_en,
from codes
