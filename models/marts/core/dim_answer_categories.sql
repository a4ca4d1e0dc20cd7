with answer_categories as (
    select * from {{ ref('stg_codelists__answer_categories') }}
)

select
    answer_category_id,
    sort_order,
    label_da,
    label_en,
    category_set,
    description_en,
from answer_categories
