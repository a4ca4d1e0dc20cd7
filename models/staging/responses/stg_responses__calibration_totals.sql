select * from {{ source('surveys', 'calibration_totals') }}
