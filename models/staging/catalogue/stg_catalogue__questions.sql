select * from {{ ref('questions') }}
