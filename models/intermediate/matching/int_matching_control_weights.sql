with pairs as (
    select * from {{ ref('int_matching_pairs') }}
)

select
    matching_number,
    control_number,
    count(*) as pairs,
    {{ ordered_sum('pair_weight') }} as control_weight,
    {{ ordered_sum('pair_weight * pair_weight') }} as squared_weights,
from pairs
group by matching_number, control_number
