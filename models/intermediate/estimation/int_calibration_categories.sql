-- What calibrated weights must add up to.
with design_cells as (
    select * from {{ ref('int_design_cells') }}
),

margins as (
    select * from {{ ref('stg_responses__calibration_margins') }}
),

sample_groups as (
    select distinct
        calibration_id,
        margin_set_id,
        within_category,
    from design_cells
    where calibration_id is not null
)

select
    sample_groups.calibration_id,
    sample_groups.within_category,
    margins.column_name,
    margins.category,
    margins.population_count,
    row_number() over (
        partition by sample_groups.calibration_id order by sample_groups.within_category, margins.column_name, margins.category
    ) as category_number,
from sample_groups
inner join margins
    on sample_groups.margin_set_id = margins.margin_set_id
    and (margins.within_category is null or sample_groups.within_category = margins.within_category)
