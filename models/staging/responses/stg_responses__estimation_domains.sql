select
    measure_set_id,
    measure_id,
    column_name,
    category,
from {{ ref('estimation_domains') }}
