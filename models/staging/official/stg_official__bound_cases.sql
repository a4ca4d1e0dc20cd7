select * from {{ ref('bound_cases') }}
