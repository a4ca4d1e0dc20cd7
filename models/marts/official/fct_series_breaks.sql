select * from {{ ref('stg_official__series_breaks') }}
