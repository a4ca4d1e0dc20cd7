select * from {{ ref('response_options') }}
