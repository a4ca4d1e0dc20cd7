select * from {{ source('surveys', 'estimation_scores') }}
