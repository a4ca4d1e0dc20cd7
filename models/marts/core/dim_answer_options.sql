with answer_options as (
    select * from {{ ref('stg_catalogue__answer_options') }}
)

select
    answer_option_id,
    question_id,
    option_order,
    label_da,
    label_en,
    source_line,
from answer_options
