select
    survey_wave_id,
    column_name,
    rule_order,
    value,
    at_least,
    if_columns,
    if_values,
from {{ ref('derived_columns') }}
