select * from {{ source('surveys', 'estimation_breakdowns') }}
