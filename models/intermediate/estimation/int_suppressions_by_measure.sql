-- Every estimate that is hidden for what its own measure shows, with the reason; the rules are in docs/disclosure.md.
with recursive cells as (
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

-- a crossing of three or more columns goes as a whole where anything that its cells add up to is hidden, or that adds up to them
withdrawn_crossings as (
    select distinct
        higher.design_id,
        higher.measure_id,
        higher.breakdown_id,
    from cells as higher
    inner join cells as lower
        on higher.design_id = lower.design_id
        and higher.measure_id = lower.measure_id
        and (list_has_all(higher.column_names, lower.column_names) or list_has_all(lower.column_names, higher.column_names))
    inner join suppressed on lower.estimate_number = suppressed.estimate_number
    where len(higher.column_names) > 2
),

hidden as (
    select
        estimate_number,
        suppression_reason,
    from suppressed
    union all
    select
        cells.estimate_number,
        'withdrawn' as suppression_reason,
    from cells
    inner join withdrawn_crossings
        on cells.design_id = withdrawn_crossings.design_id
        and cells.measure_id = withdrawn_crossings.measure_id
        and cells.breakdown_id = withdrawn_crossings.breakdown_id
    anti join suppressed on cells.estimate_number = suppressed.estimate_number
),

crossings as (
    select
        cells.design_id,
        cells.measure_id,
        any_value(cells.column_names) as column_names,
        count(hidden.estimate_number) as hidden_count,
    from cells
    left join hidden on cells.estimate_number = hidden.estimate_number
    where len(cells.column_names) > 1
    group by cells.design_id, cells.measure_id, cells.breakdown_id
),

positions as (
    select
        *,
        unnest(column_names) as first_column,
    from crossings
),

pairs as (
    select
        *,
        unnest(column_names) as second_column,
    from positions
),

-- two columns whose crossing is shown, by itself or as a margin
crossed_columns as (
    select
        design_id,
        measure_id,
        first_column,
        second_column,
        bool_or(hidden_count > 0) and not bool_or(len(column_names) > 2 and hidden_count = 0) as has_hidden,
        sum(hidden_count) as hidden_count,
    from pairs
    where first_column <> second_column
    group by design_id, measure_id, first_column, second_column
    having bool_or(len(column_names) = 2 or hidden_count = 0)
),

-- in both directions; those that hide something close a circle with those that do not, those that hide most last
links as (
    select
        *,
        row_number() over (
            partition by design_id, measure_id, first_column < second_column
            order by has_hidden, hidden_count, least(first_column, second_column), greatest(first_column, second_column)
        ) as link_number,
    from crossed_columns
),

paths as (
    select
        design_id,
        measure_id,
        first_column,
        second_column,
        link_number as last_number,
    from links
    union
    select
        paths.design_id,
        paths.measure_id,
        paths.first_column,
        links.second_column,
        greatest(paths.last_number, links.link_number) as last_number,
    from paths
    inner join links
        on paths.design_id = links.design_id and paths.measure_id = links.measure_id and paths.second_column = links.first_column
),

-- Crossings that share no more than a column agree with any hidden numbers that agree with their margins. A circle of them
-- (a × b, b × c, a × c) does not: a crossing that closes one goes where its own cells, or those of a crossing it is a margin of, are hidden.
closing as (
    select distinct
        links.design_id,
        links.measure_id,
        links.first_column,
        links.second_column,
    from links
    inner join paths
        on links.design_id = paths.design_id
        and links.measure_id = paths.measure_id
        and links.first_column = paths.first_column
        and links.second_column = paths.second_column
        and links.link_number > paths.last_number
    where links.has_hidden
)

select
    cells.estimate_number,
    cells.design_id,
    cells.measure_id,
    cells.column_names,
    cells.categories,
    coalesce(
        hidden.suppression_reason,
        -- what is left of a rare answer in other tables is as coarse as their digits
        case when cells.has_rare_answer or cells.has_rare_base then 'few_answers' else 'withdrawn' end
    ) as suppression_reason,
from cells
left join hidden on cells.estimate_number = hidden.estimate_number
left join closing
    on cells.design_id = closing.design_id
    and cells.measure_id = closing.measure_id
    and cells.column_names = [closing.first_column, closing.second_column]
where
    hidden.estimate_number is not null
    or cells.has_rare_answer
    or cells.has_rare_base
    or closing.design_id is not null
