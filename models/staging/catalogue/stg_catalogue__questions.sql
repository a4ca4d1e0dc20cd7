select * from {{ ref('questions') }}
union all by name
select * from {{ source('surveys', 'questions') }}
