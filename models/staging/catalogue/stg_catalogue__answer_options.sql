select
    answer_option_id,
    question_id,
    option_order,
    label_da,
    label_en,
    source_line,
from {{ ref('answer_options') }}
