select * from {{ ref('base_populations') }}
