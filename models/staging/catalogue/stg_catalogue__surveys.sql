select * from {{ ref('surveys') }}
