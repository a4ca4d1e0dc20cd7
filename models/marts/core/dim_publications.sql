select * from {{ ref('stg_catalogue__publications') }}
