select * from {{ source('surveys', 'estimation_domains') }}
