select * from {{ ref('quality_rules') }}
