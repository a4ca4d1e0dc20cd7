-- Where each cell lies, and what the weights of its respondents add up to.
with cells as (
    select * from {{ ref('int_response_sums') }}
    where variable_id = ''
)

select
    survey_id,
    survey_wave_id,
    is_by_unit,
    cell_id,
    stratum_id,
    psu_id,
    stratum_population_size,
    attributes,
    respondents,
    weighted_respondents,
    weights_present,
    lowest_weight,
    sum_d,
    case when is_weight_in_cell then 0 else {{ centred_product('sum_dd', 'sum_d', 'sum_d') }} end as c_dd,
from cells
