select * from {{ ref('publications') }}
