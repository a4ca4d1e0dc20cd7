select * from {{ ref('arithmetic_terms') }}
