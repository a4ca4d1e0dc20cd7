select * from {{ ref('response_items') }}
