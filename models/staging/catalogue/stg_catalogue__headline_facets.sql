select
    headline_id,
    facet,
    facet_code,
    value_da,
    value_en,
from {{ ref('headline_facets') }}
