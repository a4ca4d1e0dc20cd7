select * from {{ source('surveys', 'replicate_weights') }}
