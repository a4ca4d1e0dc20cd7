with headlines as (
    select * from {{ ref('int_headline_figures_valued') }}
),

facets as (
    select * from {{ ref('stg_catalogue__headline_facets') }}
),

facet_names as (
    select * from {{ ref('stg_codelists__codes') }}
    where codelist_id = 'comparability_facets'
)

select
    left_side.headline_id || '__' || right_side.headline_id as comparison_id,
    left_side.headline_id as left_headline_id,
    right_side.headline_id as right_headline_id,
    left_facets.facet,
    facet_names.sort_order,
    facet_names.label_da as facet_label_da,
    facet_names.label_en as facet_label_en,
    left_facets.value_da as left_facet_value_da,
    left_facets.value_en as left_facet_value_en,
    right_facets.value_da as right_facet_value_da,
    right_facets.value_en as right_facet_value_en,
    -- what a source does not state may differ, and nobody can rule it out
    left_facets.facet_code <> right_facets.facet_code or left_facets.facet_code = 'not_stated' as is_different,
from headlines as left_side
inner join headlines as right_side on left_side.sort_order < right_side.sort_order
inner join facets as left_facets on left_side.headline_id = left_facets.headline_id
inner join facets as right_facets
    on right_side.headline_id = right_facets.headline_id
    and left_facets.facet = right_facets.facet
inner join facet_names on left_facets.facet = facet_names.code_id
