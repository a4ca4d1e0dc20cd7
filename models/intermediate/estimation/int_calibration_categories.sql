with design_cells as (
    select * from {{ ref('int_design_cells') }} where calibration_id is not null
),

margins as (
    select * from {{ ref('stg_responses__calibration_margins') }}
),

groups as (
    select distinct calibration_id, margin_set_id, within_category from design_cells
)

select
    groups.calibration_id,
    groups.within_category,
    margins.column_name,
    margins.category,
    margins.population_count,
    row_number() over (
        partition by groups.calibration_id order by groups.within_category, margins.column_name, margins.category
    ) as category_number,
from groups
inner join margins
    on groups.margin_set_id = margins.margin_set_id
    and (margins.within_category is null or margins.within_category = groups.within_category)
