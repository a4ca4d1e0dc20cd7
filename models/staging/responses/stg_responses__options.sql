select
    survey_wave_id,
    item_id,
    code,
    answer_category_id,
    label_da,
    label_en,
from {{ ref('response_options') }}
