select * from {{ ref('base_populations') }}
union all by name
select * from {{ source('surveys', 'base_populations') }}
