with designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
)

select
    designs.design_id,
    designs.change_column,
    measures.*,
    dense_rank() over (order by designs.design_id, measures.measure_id) as measure_number,
from designs
inner join measures on designs.measure_set_id = measures.measure_set_id
