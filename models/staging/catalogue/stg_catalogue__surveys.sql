select * from {{ ref('surveys') }}
union all by name
select * from {{ source('surveys', 'surveys') }}
