select * from {{ ref('stg_catalogue__base_populations') }}
