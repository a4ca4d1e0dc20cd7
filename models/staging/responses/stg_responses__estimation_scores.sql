select * from {{ ref('estimation_scores') }}
