select * from {{ ref('series_breaks') }}
