select * from {{ source('surveys', 'derived_columns') }}
