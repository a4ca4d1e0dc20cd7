select * from {{ source('surveys', 'response_options') }}
