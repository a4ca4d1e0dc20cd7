select * from {{ ref('answer_options') }}
union all by name
select * from {{ source('surveys', 'answer_options') }}
