select * from {{ ref('int_official_breaks') }}
