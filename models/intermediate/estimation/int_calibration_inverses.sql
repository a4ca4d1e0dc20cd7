-- The regression behind the residuals of calibrated weights; the factors do not wait for it.
with recursive design_cells as (
    select * from {{ ref('int_design_cells') }}
),

margins as (
    select * from {{ ref('stg_responses__calibration_margins') }}
),

{{ calibration_categories('design_cells', 'margins') }},

{{ calibration_cells('design_cells', 'calibration_categories') }},

cells as (
    select
        *,
        residual_weights as inverse_weights,
    from calibration_cells
),

{{ calibration_inverses('cells', 'calibration_categories') }}

select
    calibration_id,
    inverse_weights,
    inverse,
from swept_matrices
