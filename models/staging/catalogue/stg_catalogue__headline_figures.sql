select * from {{ ref('headline_figures') }}
