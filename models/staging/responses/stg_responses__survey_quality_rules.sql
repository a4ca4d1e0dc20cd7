select * from {{ source('surveys', 'quality_rules') }}
