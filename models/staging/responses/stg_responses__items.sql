select
    survey_wave_id,
    item_id,
    column_name,
    value_kind,
    question_id,
    base_population_id,
    asked_if_column,
    asked_if_values,
from {{ ref('response_items') }}
