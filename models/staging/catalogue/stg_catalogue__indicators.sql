select * from {{ ref('indicators') }}
union all by name
select * from {{ source('surveys', 'indicators') }}
