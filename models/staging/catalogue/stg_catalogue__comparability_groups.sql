select * from {{ ref('comparability_groups') }}
union all by name
select * from {{ source('surveys', 'comparability_groups') }}
