-- Respondents with the same categories in the margins, and the same numbers where weights are calibrated to totals of numbers.
with design_cells as (
    select * from {{ ref('int_design_cells') }}
    where calibration_id is not null
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
    group by calibration_id
),

category_maps as (
    select
        calibration_id,
        within_category,
        map(
            list((column_name, category) order by category_number),
            list({'category_number': category_number, 'population_count': population_count} order by category_number)
        ) as categories,
    from categories
    group by calibration_id, within_category
),

grouped_cells as (
    select
        design_cells.calibration_id,
        design_cells.calibration_method,
        design_cells.calibration_lower,
        design_cells.calibration_upper,
        design_cells.residual_weights,
        design_cells.within_category,
        design_cells.margin_categories,
        design_cells.margin_columns,
        design_cells.total_values,
        design_cells.totals,
        sum(design_cells.respondents) as respondents,
        {{ ordered_sum('design_cells.sum_d') }} as sum_d,
    from design_cells
    inner join one_design
        on design_cells.calibration_id = one_design.calibration_id
        and design_cells.design_id = one_design.design_id
    group by all
),

placed as (
    select
        grouped_cells.*,
        -- a category without a population count is a problem that int_response_problems names
        list_transform(
            range(1, len(grouped_cells.margin_columns) + 1),
            lambda k: category_maps.categories[(grouped_cells.margin_columns[k], grouped_cells.margin_categories[k])]
        ) as categories,
    from grouped_cells
    left join category_maps
        on grouped_cells.calibration_id = category_maps.calibration_id
        and grouped_cells.within_category = category_maps.within_category
)

select
    row_number() over (order by calibration_id, within_category, margin_categories, total_values) as calibration_cell,
    * exclude (categories, margin_columns),
    list_transform(categories, lambda category: category.category_number) as category_numbers,
    list_transform(categories, lambda category: category.population_count) as population_counts,
from placed
