select
    answer_category_id,
    sort_order,
    label_da,
    label_en,
    category_set,
    description_en,
from {{ ref('answer_categories') }}
