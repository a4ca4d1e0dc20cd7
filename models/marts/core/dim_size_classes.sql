select * from {{ ref('stg_codelists__size_classes') }}
