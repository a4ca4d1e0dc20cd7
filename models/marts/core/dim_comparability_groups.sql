select * from {{ ref('stg_catalogue__comparability_groups') }}
