-- tau_i: the outcome of a treated firm less the mean of its neighbours, without and with bias adjustment.
with pair_differences as (
    select * from {{ ref('int_matching_pair_differences') }}
)

select
    comparison_number,
    firm_number,
    count(*) as controls,
    any_value(treated_outcome) as treated_outcome,
    {{ ordered_sum('control_outcome') }} / count(*) as control_mean,
    {{ ordered_sum('difference') }} / count(*) as effect,
    {{ ordered_sum('adjusted_difference') }} / count(*) as adjusted_effect,
from pair_differences
group by comparison_number, firm_number
