with constructs as (
    select * from {{ ref('stg_codelists__constructs') }}
)

select
    construct,
    sort_order,
    label_da,
    label_en,
from constructs
