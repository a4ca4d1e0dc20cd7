select * from {{ ref('estimation_breakdowns') }}
