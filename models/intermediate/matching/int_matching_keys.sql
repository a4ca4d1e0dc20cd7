with outcomes as (
    select * from {{ ref('int_matching_outcomes') }}
    where left_out_reason is null
),

keys as (
    select distinct
        matching_number,
        exact_values,
    from outcomes
)

select
    row_number() over (order by matching_number, exact_values) as key_number,
    matching_number,
    exact_values,
from keys
