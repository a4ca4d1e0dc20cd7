select * from {{ source('surveys', 'response_rates') }}
