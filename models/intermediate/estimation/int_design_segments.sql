with design_cells as (
    select * from {{ ref('int_design_cells') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

breakdowns as (
    select
        *,
        string_split(item_ids, ';') as items,
        list_filter(string_split(coalesce(breakdown_columns, ''), ';'), lambda column_name: column_name <> '') as column_names,
    from {{ ref('stg_responses__estimation_breakdowns') }}
),

placed as (
    select
        design_cells.design_id,
        breakdowns.breakdown_id,
        breakdowns.items,
        design_cells.design_cell,
        design_cells.change_sign,
        breakdowns.column_names,
        list_transform(breakdowns.column_names, lambda column_name: design_cells.attributes[column_name]) as categories,
    from design_cells
    inner join designs on design_cells.design_id = designs.design_id
    inner join breakdowns on designs.breakdown_set_id = breakdowns.breakdown_set_id
    -- a respondent on neither side of a change has no part in it
    where design_cells.change_sign is not null
)

select
    dense_rank() over (order by design_id, breakdown_id, categories) as segment_number,
    design_id,
    breakdown_id,
    items,
    design_cell,
    change_sign,
    column_names,
    categories,
    array_to_string(categories, '|') as segment,
from placed
-- a respondent without the breakdown's value belongs to none of its segments
where not list_contains(list_transform(categories, lambda category: category is null), true)
