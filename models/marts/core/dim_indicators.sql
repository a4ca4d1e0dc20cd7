select * from {{ ref('stg_catalogue__indicators') }}
