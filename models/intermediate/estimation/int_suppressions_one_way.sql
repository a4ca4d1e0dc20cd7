-- Secondary suppression in tables of one breakdown, and of crossings that share the column; the rule is in docs/disclosure.md.
with cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

one_way as (
    select
        *,
        column_names[1] as column_name,
        categories[1] as category,
    from cells
    where len(column_names) = 1
),

-- each cell of a crossing, once as part of its row and once as part of its column
crossed as (
    select
        estimate_number,
        design_id,
        measure_id,
        breakdown_id,
        firm_count,
        column_names[position] as column_name,
        categories[position] as category,
        categories[3 - position] as other_category,
    from (
        select
            *,
            unnest([1, 2]) as position,
        from cells
        where len(column_names) = 2
    ) as positioned
),

-- A partner must have enough firms itself, and some in every crossing cell whose sensitive twin it hides: where these are few, they
-- lie in a hidden column of the crossing, or int_suppressions_crossed hides them by a rectangle, which lets firms be moved as well.
pairs as (
    select
        sensitive.estimate_number,
        sensitive.design_id,
        sensitive.measure_id,
        sensitive.breakdown_id,
        sensitive.column_name,
        sensitive.category,
        partners.estimate_number as partner_number,
        partners.category as partner_category,
        partners.firm_count as partner_firm_count,
    from one_way as sensitive
    inner join one_way as partners
        on sensitive.design_id = partners.design_id
        and sensitive.measure_id = partners.measure_id
        and sensitive.breakdown_id = partners.breakdown_id
    where sensitive.is_sensitive and not partners.is_sensitive
),

twins as (
    select
        pairs.estimate_number,
        pairs.partner_number,
        own.estimate_number as own_crossed_number,
        twin.estimate_number as twin_crossed_number,
        coalesce(twin.firm_count < {{ disclosure_threshold() }}, false) as has_few_firms,
    from pairs
    inner join crossed as own
        on pairs.design_id = own.design_id
        and pairs.measure_id = own.measure_id
        and pairs.column_name = own.column_name
        and pairs.category = own.category
    left join crossed as twin
        on own.design_id = twin.design_id
        and own.measure_id = twin.measure_id
        and own.breakdown_id = twin.breakdown_id
        and own.column_name = twin.column_name
        and own.other_category = twin.other_category
        and pairs.partner_category = twin.category
),

fits as (
    select
        estimate_number,
        partner_number,
        count(*) = count(twin_crossed_number) as is_fit,
        count(*) filter (where has_few_firms) as few_count,
    from twins
    group by estimate_number, partner_number
),

chosen as (
    select pairs.*
    from pairs
    left join fits on pairs.estimate_number = fits.estimate_number and pairs.partner_number = fits.partner_number
    where coalesce(fits.is_fit, true)
    qualify row_number() over (
        partition by pairs.estimate_number order by fits.few_count > 0, pairs.partner_firm_count, pairs.partner_category
    ) = 1
),

without_partner as (
    select distinct
        one_way.design_id,
        one_way.measure_id,
        one_way.column_name,
    from one_way
    left join chosen on one_way.estimate_number = chosen.estimate_number
    where one_way.is_sensitive and chosen.estimate_number is null
)

select distinct
    chosen.partner_number as estimate_number,
    'secondary' as suppression_reason,
from chosen
union
select
    unnest([twins.own_crossed_number, twins.twin_crossed_number]) as estimate_number,
    'secondary' as suppression_reason,
from chosen
inner join twins on chosen.estimate_number = twins.estimate_number and chosen.partner_number = twins.partner_number
union
select
    cells.estimate_number,
    'withdrawn' as suppression_reason,
from cells
inner join without_partner
    on cells.design_id = without_partner.design_id
    and cells.measure_id = without_partner.measure_id
    and list_contains(cells.column_names, without_partner.column_name)
