with design_cells as (
    select * from {{ ref('int_design_cells') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
)

select
    design_cells.*,
    factors.calibration_cell,
    factors.category_numbers,
    coalesce(factors.calibration_factor, 1.0) as calibration_factor,
from design_cells
left join factors
    on design_cells.calibration_id = factors.calibration_id
    and design_cells.within_category = factors.within_category
    and design_cells.margin_categories = factors.margin_categories
    and design_cells.total_values = factors.total_values
