select
    interview_code_id,
    interview_id,
    publication_id,
    survey_wave_id,
    unit_order,
    toe_category,
    theme_da,
    theme_en,
    source_line,
from {{ ref('interview_codes') }}
