select * from {{ ref('stg_codelists__units') }}
