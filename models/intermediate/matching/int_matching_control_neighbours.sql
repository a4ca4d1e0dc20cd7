-- For each control that is used: the nearest other untreated rows, which the variance of its outcome is taken from.
with points as (
    select
        coordinates.*,
        matchings.variance_neighbours as neighbours_wanted,
        matchings.ties,
    from {{ ref('int_matching_coordinates') }} as coordinates
    inner join {{ ref('stg_matching__matchings') }} as matchings on coordinates.matching_number = matchings.matching_number
    inner join {{ ref('int_matching_control_weights') }} as control_weights
        on coordinates.matching_number = control_weights.matching_number
        and coordinates.firm_number = control_weights.control_number
    where matchings.variance_neighbours > 0
),

{{ nearest_controls('points', ref('int_matching_control_blocks'), ref('int_matching_blocks')) }}

select
    matching_number,
    firm_number as control_number,
    control_number as neighbour_number,
    squared_distance,
from nearest_controls
