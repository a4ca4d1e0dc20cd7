select * from {{ source('surveys', 'estimation_quantiles') }}
