select
    codelist_id,
    code_id,
    sort_order,
    label_da,
    label_en,
    description_da,
    description_en,
from {{ ref('codes') }}
