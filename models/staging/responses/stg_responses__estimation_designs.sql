select * from {{ ref('estimation_designs') }}
