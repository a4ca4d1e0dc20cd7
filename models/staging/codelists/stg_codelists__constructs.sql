select * from {{ ref('constructs') }}
union all by name
select * from {{ source('surveys', 'constructs') }}
