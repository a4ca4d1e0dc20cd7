-- Share of the two largest firms in the sum that each mean is made of, in size: who could be told from the mean.
with contributions as (
    select
        comparison_number,
        true as is_treated,
        abs(treated_outcome) as contribution,
    from {{ ref('int_matching_treated_effects') }}
    union all
    select
        comparison_number,
        false as is_treated,
        abs({{ ordered_sum('pair_weight * control_outcome') }}) as contribution,
    from {{ ref('int_matching_pair_differences') }}
    group by comparison_number, control_number
)

select
    comparison_number,
    is_treated,
    list_sum(list(contribution order by contribution desc)[1:2]) / nullif({{ ordered_sum('contribution') }}, 0) as two_largest_share,
from contributions
group by comparison_number, is_treated
