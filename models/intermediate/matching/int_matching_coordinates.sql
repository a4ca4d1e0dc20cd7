-- Rows in the coordinates z_1, z_2, ... in which the distance is Euclidean; 0 beyond the distance columns of a matching.
with firms as (
    select * from {{ ref('int_matching_rows') }}
),

scales as (
    select
        scales.*,
        list_transform(scales.deviations, lambda deviation: matchings.caliper * deviation) as caliper_widths,
        matchings.caliper is not null as has_caliper,
    from {{ ref('int_matching_scales') }} as scales
    inner join {{ ref('stg_matching__matchings') }} as matchings on scales.matching_number = matchings.matching_number
),

centred as (
    select
        firms.matching_number,
        firms.key_number,
        firms.firm_number,
        firms.is_treated,
        case when scales.has_caliper then firms.distance_values end as distance_values,
        case when scales.has_caliper then scales.caliper_widths end as caliper_widths,
        scales.whitening,
        list_transform(firms.distance_values, lambda x, i: x - scales.means[i]) as deviations,
    from firms
    inner join scales on firms.matching_number = scales.matching_number
)

select
    matching_number,
    key_number,
    firm_number,
    is_treated,
    distance_values,
    caliper_widths,
    {%- for number in matching_columns() %}
    coalesce(list_inner_product(whitening[{{ number }}], deviations), 0.0) as z_{{ number }},
    {%- endfor %}
from centred
