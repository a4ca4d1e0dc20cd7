-- Firms that are left out, by reason: nobody disappears without a row here.
with outcomes as (
    select
        matching_number,
        firm_number,
        is_treated,
        left_out_reason,
    from {{ ref('int_matching_outcomes') }}
),

firms as (
    select
        matching_number,
        key_number,
        firm_number,
        is_treated,
    from {{ ref('int_matching_rows') }}
),

-- keys do not tell a trimmed firm from a kept one: a row that has no reason and is not in the sample was trimmed
trimmed as (
    select
        outcomes.matching_number,
        outcomes.is_treated,
        'outcome_trimmed' as left_out_reason,
    from outcomes
    anti join firms
        on outcomes.matching_number = firms.matching_number
        and outcomes.firm_number = firms.firm_number
    where outcomes.left_out_reason is null
),

key_controls as (
    select
        key_number,
        count(*) as controls,
    from firms
    where not is_treated
    group by key_number
),

unmatched as (
    select
        firms.matching_number,
        firms.is_treated,
        case
            when key_controls.controls is null then 'key_without_controls'
            when key_controls.controls < matchings.neighbours then 'fewer_controls_than_neighbours'
            else 'fewer_controls_in_caliper'
        end as left_out_reason,
    from firms
    inner join {{ ref('stg_matching__matchings') }} as matchings on firms.matching_number = matchings.matching_number
    inner join {{ ref('int_matching_scales') }} as scales on firms.matching_number = scales.matching_number
    left join key_controls on firms.key_number = key_controls.key_number
    anti join {{ ref('int_matching_pairs') }} as pairs
        on firms.matching_number = pairs.matching_number
        and firms.firm_number = pairs.firm_number
    where firms.is_treated
),

reasons as (
    select
        matching_number,
        is_treated,
        left_out_reason,
    from outcomes
    where left_out_reason is not null
    union all by name
    select * from trimmed
    union all by name
    select * from unmatched
)

select
    matching_number,
    left_out_reason,
    is_treated,
    count(*) as firms,
from reasons
group by matching_number, left_out_reason, is_treated
