select * from {{ ref('bound_premises') }}
