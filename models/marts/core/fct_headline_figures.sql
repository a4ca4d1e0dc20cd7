with headlines as (
    select * from {{ ref('int_headline_figures_valued') }}
)

select
    headline_id,
    observation_id,
    survey_wave_id,
    comparability_group_id,
    sort_order,
    label_da,
    label_en,
    value_text_da,
    value_text_en,
    observation_value,
    ci_lower,
    ci_upper,
    absence_reason_en,
from headlines
