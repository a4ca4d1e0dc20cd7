select * from {{ ref('constructs') }}
