-- The regression behind the residuals of calibrated weights; the factors do not wait for it.
with recursive cells as (
    select
        *,
        residual_weights as inverse_weights,
    from {{ ref('int_calibration_cells') }}
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

{{ calibration_inverses('cells', 'categories') }}

select
    calibration_id,
    inverse_weights,
    inverse,
from swept_matrices
