select
    measure_set_id,
    measure_id,
    code,
    score,
from {{ ref('estimation_scores') }}
