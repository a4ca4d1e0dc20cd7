select
    margin_set_id,
    column_name,
    category,
    within_category,
    population_count,
    coalesce(is_demonstration, false) as is_demonstration,
from {{ source('surveys', 'calibration_margins') }}
