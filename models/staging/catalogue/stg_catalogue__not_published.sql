select * from {{ ref('not_published') }}
