select * from {{ ref('headline_facets') }}
