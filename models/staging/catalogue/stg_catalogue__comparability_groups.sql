select
    comparability_group_id,
    indicator_id,
    base_population_id,
    title_da,
    title_en,
    break_note_en,
from {{ ref('comparability_groups') }}
