select
    question_id,
    survey_wave_id,
    question_number,
    question_type,
    wording_da,
    wording_en,
    asked_of,
    toe_category,
    toe_lines,
    indicator_id,
    extent_printed,
    source_lines,
from {{ ref('questions') }}
