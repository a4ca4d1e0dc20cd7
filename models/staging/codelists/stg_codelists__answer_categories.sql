select * from {{ ref('answer_categories') }}
