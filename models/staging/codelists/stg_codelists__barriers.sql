select
    barrier_id,
    sort_order,
    label_da,
    label_en,
    toe_category,
    parent_barrier_id,
    description_en,
from {{ ref('barriers') }}
