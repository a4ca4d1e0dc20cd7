with design_cells as (
    select * from {{ ref('int_design_cells') }}
),

margins as (
    select * from {{ ref('stg_responses__calibration_margins') }}
),

{{ calibration_categories('design_cells', 'margins') }}

select * from calibration_categories
