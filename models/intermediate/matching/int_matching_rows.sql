-- The n firms that everything is computed from.
with outcomes as (
    select * from {{ ref('int_matching_outcomes') }}
    where left_out_reason is null
),

limits as (
    select
        matching_number,
        list({'outcome_number': outcome_number, 'lower_limit': lower_limit, 'upper_limit': upper_limit} order by outcome_number) as outcome_limits,
    from {{ ref('int_matching_trim_limits') }}
    group by matching_number
),

keys as (
    select * from {{ ref('int_matching_keys') }}
)

select
    outcomes.matching_number,
    keys.key_number,
    outcomes.firm_number,
    outcomes.is_treated,
    outcomes.outcomes,
    outcomes.distance_values,
    outcomes.balance_values,
from outcomes
inner join keys
    on outcomes.matching_number = keys.matching_number
    and outcomes.exact_values = keys.exact_values
left join limits on outcomes.matching_number = limits.matching_number
where
    limits.outcome_limits is null
    or list_bool_and(list_transform(limits.outcome_limits, 
        lambda one: outcomes.outcomes[one['outcome_number']] between one['lower_limit'] and one['upper_limit']
    ))
