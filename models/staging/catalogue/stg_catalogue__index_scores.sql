select
    indicator_id,
    distribution_indicator_id,
    answer_category_id,
    score,
    source_line,
from {{ ref('index_scores') }}
