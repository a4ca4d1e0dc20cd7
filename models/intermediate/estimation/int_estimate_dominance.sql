{{ config(materialized='ephemeral') }}
-- What the two largest contributors have of an amount, each with its sign left out: of all respondents, or of all sampling units (firms with
-- several rows), whose rows are added up first. A row per estimate of an amount and side of a change.
with cells as (
    select * from {{ ref('int_estimate_cells') }}
    where is_amount
),

units as (
    select
        estimate_number,
        change_sign,
        psu_id,
        abs({{ ordered_sum('sum_y + estimate_shift * respondents') }}) as contribution,
    from cells
    where psu_id is not null
    group by estimate_number, change_sign, psu_id
),

contributions as (
    select
        estimate_number,
        change_sign,
        list(contribution order by contribution) as largest_values,
        {{ ordered_sum('contribution') }} as sum_absolute,
    from units
    group by estimate_number, change_sign
    union all by name
    select
        estimate_number,
        change_sign,
        flatten(list(largest_values order by largest_values)) as largest_values,
        {{ ordered_sum('sum_absolute') }} as sum_absolute,
    from cells
    where psu_id is null
    group by estimate_number, change_sign
)

select
    estimate_number,
    change_sign,
    list_sum(list_slice(list_reverse_sort(largest_values), 1, 2)) / nullif(sum_absolute, 0) as two_largest_share,
from contributions
