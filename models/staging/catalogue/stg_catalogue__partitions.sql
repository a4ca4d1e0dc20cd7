select
    partition_id,
    survey_id,
    dimension,
    member_id,
from {{ ref('partitions') }}
