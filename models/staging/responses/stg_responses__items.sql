select
    survey_wave_id,
    item_id,
    column_name,
    value_kind,
    question_id,
    base_population_id,
from {{ ref('response_items') }}
