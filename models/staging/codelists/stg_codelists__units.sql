select * from {{ ref('units') }}
union all by name
select * from {{ source('surveys', 'units') }}
