select
    construct,
    sort_order,
    label_da,
    label_en,
from {{ ref('constructs') }}
