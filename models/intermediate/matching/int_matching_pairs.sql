with points as (
    select
        coordinates.*,
        matchings.neighbours as neighbours_wanted,
        matchings.ties,
    from {{ ref('int_matching_coordinates') }} as coordinates
    inner join {{ ref('stg_matching__matchings') }} as matchings on coordinates.matching_number = matchings.matching_number
    where coordinates.is_treated
),

{{ nearest_controls('points', ref('int_matching_control_blocks'), ref('int_matching_blocks')) }}

select
    matching_number,
    firm_number,
    control_number,
    squared_distance,
    1 / count(*) over (partition by matching_number, firm_number) as pair_weight,
from nearest_controls
