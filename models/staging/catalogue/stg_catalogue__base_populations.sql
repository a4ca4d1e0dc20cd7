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
from {{ ref('base_populations') }}
