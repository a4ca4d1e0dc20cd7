select * from {{ ref('estimation_domains') }}
