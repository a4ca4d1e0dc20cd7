with base_populations as (
    select * from {{ ref('stg_catalogue__base_populations') }}
)

select
    base_population_id,
    survey_id,
    label_da,
    label_en,
    base_kind,
    size_limits,
    parent_base_population_id,
    publication_id,
    source_lines,
from base_populations
