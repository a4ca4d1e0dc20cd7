-- Secondary suppression in crossings of two columns: a sensitive cell is hidden by a rectangle; see docs/disclosure.md.
with cells as (
    select * from {{ ref('int_disclosure_cells') }}
),

sensitive_margins as (
    select distinct
        design_id,
        measure_id,
        column_names[1] as column_name,
        categories[1] as category,
    from cells
    where len(column_names) = 1 and is_sensitive
),

crossed as (
    select
        *,
        categories[1] as row_category,
        categories[2] as column_category,
    from cells
    where len(column_names) = 2
),

-- where a margin is sensitive itself, the partners of int_suppressions_one_way hide its cells
exposed as (
    select crossed.*
    from crossed
    left join sensitive_margins as row_margins
        on crossed.design_id = row_margins.design_id
        and crossed.measure_id = row_margins.measure_id
        and crossed.column_names[1] = row_margins.column_name
        and crossed.row_category = row_margins.category
    left join sensitive_margins as column_margins
        on crossed.design_id = column_margins.design_id
        and crossed.measure_id = column_margins.measure_id
        and crossed.column_names[2] = column_margins.column_name
        and crossed.column_category = column_margins.category
    where crossed.is_sensitive and row_margins.category is null and column_margins.category is null
),

rectangles as (
    select
        exposed.estimate_number,
        same_row.estimate_number as same_row_number,
        same_column.estimate_number as same_column_number,
        opposite.estimate_number as opposite_number,
    from exposed
    inner join crossed as same_row
        on exposed.design_id = same_row.design_id
        and exposed.measure_id = same_row.measure_id
        and exposed.breakdown_id = same_row.breakdown_id
        and exposed.row_category = same_row.row_category
        and exposed.column_category <> same_row.column_category
    inner join crossed as same_column
        on exposed.design_id = same_column.design_id
        and exposed.measure_id = same_column.measure_id
        and exposed.breakdown_id = same_column.breakdown_id
        and exposed.column_category = same_column.column_category
        and exposed.row_category <> same_column.row_category
    inner join crossed as opposite
        on exposed.design_id = opposite.design_id
        and exposed.measure_id = opposite.measure_id
        and exposed.breakdown_id = opposite.breakdown_id
        and same_column.row_category = opposite.row_category
        and same_row.column_category = opposite.column_category
    where not same_row.is_sensitive and not same_column.is_sensitive
    qualify row_number() over (
        partition by exposed.estimate_number
        order by same_row.firm_count + same_column.firm_count + opposite.firm_count, same_row.column_category, same_column.row_category
    ) = 1
),

without_rectangle as (
    select distinct
        exposed.design_id,
        exposed.measure_id,
        exposed.breakdown_id,
    from exposed
    left join rectangles on exposed.estimate_number = rectangles.estimate_number
    where rectangles.estimate_number is null
)

select distinct
    unnest([same_row_number, same_column_number, opposite_number]) as estimate_number,
    'secondary' as suppression_reason,
from rectangles
union
select
    crossed.estimate_number,
    'withdrawn' as suppression_reason,
from crossed
inner join without_rectangle
    on crossed.design_id = without_rectangle.design_id
    and crossed.measure_id = without_rectangle.measure_id
    and crossed.breakdown_id = without_rectangle.breakdown_id
