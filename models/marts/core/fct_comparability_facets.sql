with facets as (
    select * from {{ ref('int_headline_facets_compared') }}
)

select
    comparison_id,
    facet,
    sort_order,
    facet_label_da,
    facet_label_en,
    left_facet_value_da,
    left_facet_value_en,
    right_facet_value_da,
    right_facet_value_en,
    is_different,
from facets
