select * from {{ ref('derivations') }}
