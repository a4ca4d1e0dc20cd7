select
    headline_id,
    sort_order,
    label_da,
    label_en,
    survey_wave_id,
    figure_id,
    derivation_id,
    absence_reason_en,
from {{ ref('headline_figures') }}
