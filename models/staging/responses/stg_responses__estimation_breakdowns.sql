select
    breakdown_set_id,
    breakdown_id,
    breakdown_columns,
from {{ ref('estimation_breakdowns') }}
