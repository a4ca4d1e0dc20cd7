select * from {{ ref('partitions') }}
