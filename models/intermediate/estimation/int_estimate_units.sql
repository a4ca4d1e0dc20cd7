{{ config(materialized='ephemeral') }}
-- Z of the sampling units of each estimate: of one unit where psu_id tells them apart, else of all respondents of a cell, each a unit.
with influences as (
    select * from {{ ref('int_estimate_influences') }}
)

select
    estimate_number,
    stratum_number,
    psu_id,
    cast(1 as bigint) as unit_count,
    cast(sum(respondents) as bigint) as valid_respondents,
    cast(sum(weighted_respondents) > 0 as bigint) as segment_unit_count,
    {{ ordered_sum('z_total') }} as z_total,
    cast(0 as double) as z_squares,
from influences
where psu_id is not null
group by estimate_number, stratum_number, psu_id
union all by name
select
    estimate_number,
    stratum_number,
    psu_id,
    cast(respondents as bigint) as unit_count,
    cast(respondents as bigint) as valid_respondents,
    cast(weighted_respondents as bigint) as segment_unit_count,
    z_total,
    z_squares,
from influences
where psu_id is null
