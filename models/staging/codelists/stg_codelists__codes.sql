select * from {{ ref('codes') }}
union all by name
select * from {{ source('surveys', 'codes') }}
