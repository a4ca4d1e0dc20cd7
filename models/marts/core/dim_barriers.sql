with barriers as (
    select * from {{ ref('stg_codelists__barriers') }}
)

select
    barrier_id,
    sort_order,
    label_da,
    label_en,
    toe_category,
    parent_barrier_id,
    description_en,
from barriers
