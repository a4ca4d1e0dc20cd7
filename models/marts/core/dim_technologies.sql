with technologies as (
    select * from {{ ref('stg_codelists__technologies') }}
)

select
    technology_id,
    sort_order,
    label_da,
    label_en,
    official_code,
    description_en,
from technologies
