-- The generalised inverse of X'WX of each calibration: for the regression behind the residuals, and for linear factors.
with matrices as (
    select * from {{ ref('int_calibration_matrices') }}
)

select * from ({{ swept_matrices('matrices', ['calibration_id', 'inverse_weights']) }})
