-- Every estimate that is hidden for what its own measure shows, with the reason; the rules are in docs/disclosure.md.
with cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

one_way as (
    select * from {{ ref('int_suppressions_one_way') }}
),

crossed as (
    select * from {{ ref('int_suppressions_crossed') }}
),

-- a table whose total is sensitive is withdrawn with all its breakdowns
withdrawn_totals as (
    select
        design_id,
        measure_id,
    from cells
    where len(column_names) = 0 and is_sensitive
),

reasons as (
    {% for flag, reason in {'has_few_firms': 'few_firms', 'is_dominated': 'dominance'}.items() -%}
    select
        estimate_number,
        '{{ reason }}' as suppression_reason,
    from cells
    where {{ flag }}
    union all
    {% endfor -%}
    select
        estimate_number,
        suppression_reason,
    from one_way
    union all
    select
        estimate_number,
        suppression_reason,
    from crossed
    union all
    select
        cells.estimate_number,
        'withdrawn' as suppression_reason
    from cells
    inner join withdrawn_totals on cells.design_id = withdrawn_totals.design_id and cells.measure_id = withdrawn_totals.measure_id
),

suppressed as (
    select
        estimate_number,
        min(suppression_reason) as suppression_reason,
    from reasons
    group by estimate_number
),

-- a crossing of three or more columns goes as a whole where anything that its cells add up to is hidden
withdrawn_crossings as (
    select distinct
        higher.design_id,
        higher.measure_id,
        higher.breakdown_id,
    from cells as higher
    inner join cells as lower
        on higher.design_id = lower.design_id
        and higher.measure_id = lower.measure_id
        and list_has_all(higher.column_names, lower.column_names)
    inner join suppressed on lower.estimate_number = suppressed.estimate_number
    where len(higher.column_names) > 2
)

select
    cells.estimate_number,
    cells.design_id,
    cells.measure_id,
    cells.column_names,
    cells.categories,
    coalesce(
        suppressed.suppression_reason,
        -- what is left of a rare answer in other tables is as coarse as their digits
        case when cells.has_rare_answer or cells.has_rare_base then 'few_answers' else 'withdrawn' end
    ) as suppression_reason,
from cells
left join suppressed on cells.estimate_number = suppressed.estimate_number
left join withdrawn_crossings
    on cells.design_id = withdrawn_crossings.design_id
    and cells.measure_id = withdrawn_crossings.measure_id
    and cells.breakdown_id = withdrawn_crossings.breakdown_id
where suppressed.estimate_number is not null or cells.has_rare_answer or cells.has_rare_base or withdrawn_crossings.breakdown_id is not null
