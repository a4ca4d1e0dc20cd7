select * from {{ ref('answer_categories') }}
union all by name
select * from {{ source('surveys', 'answer_categories') }}
