select * from {{ source('surveys', 'estimation_comparisons') }}
