select * from {{ source('surveys', 'estimation_designs') }}
