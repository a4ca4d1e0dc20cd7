with design_cells as (
    select * from {{ ref('int_design_cells') }}
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

-- designs that share a calibration have the same cells: one of them counts
one_design as (
    select
        calibration_id,
        min(design_id) as design_id,
    from design_cells
    where calibration_id is not null
    group by calibration_id
),

grouped_cells as (
    select
        design_cells.calibration_id,
        design_cells.calibration_method,
        design_cells.residual_weights,
        design_cells.within_category,
        design_cells.margin_categories,
        design_cells.margin_columns,
        sum(design_cells.respondents) as respondents,
        {{ ordered_sum('design_cells.sum_d') }} as sum_d,
    from design_cells
    inner join one_design
        on design_cells.calibration_id = one_design.calibration_id
        and design_cells.design_id = one_design.design_id
    group by all
),

numbered_cells as (
    select
        row_number() over (order by calibration_id, within_category, margin_categories) as calibration_cell,
        *,
        unnest(range(1, len(margin_columns) + 1)) as margin_number,
    from grouped_cells
)

select
    numbered.calibration_cell,
    numbered.calibration_id,
    numbered.calibration_method,
    numbered.residual_weights,
    numbered.within_category,
    numbered.margin_categories,
    numbered.respondents,
    numbered.sum_d,
    list(categories.category_number order by numbered.margin_number) as category_numbers,
    list(categories.population_count order by numbered.margin_number) as population_counts,
from numbered_cells as numbered
-- a category without a population count is a problem that int_response_problems names
left join categories as categories
    on numbered.calibration_id = categories.calibration_id
    and numbered.within_category = categories.within_category
    and numbered.margin_columns[numbered.margin_number] = categories.column_name
    and numbered.margin_categories[numbered.margin_number] = categories.category
group by all
