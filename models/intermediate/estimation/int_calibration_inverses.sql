-- The regression behind the residuals of calibrated weights; the factors do not wait for it.
with recursive calibration_cells as (
    select * from {{ ref('int_calibration_cells') }}
),

calibration_categories as (
    select * from {{ ref('int_calibration_categories') }}
),

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
