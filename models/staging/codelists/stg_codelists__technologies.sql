select * from {{ ref('technologies') }}
