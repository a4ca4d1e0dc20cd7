select * from {{ ref('industries') }}
