select * from {{ source('surveys', 'replicate_sets') }}
