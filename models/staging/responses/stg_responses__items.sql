select * from {{ source('surveys', 'response_items') }}
