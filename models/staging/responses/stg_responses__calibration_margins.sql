select
    margin_set_id,
    column_name,
    category,
    within_category,
    population_count,
from {{ ref('calibration_margins') }}
