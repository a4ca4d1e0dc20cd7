select * from {{ ref('official_figures') }}
