select * from {{ ref('barriers') }}
