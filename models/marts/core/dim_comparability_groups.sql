with comparability_groups as (
    select * from {{ ref('stg_catalogue__comparability_groups') }}
)

select
    comparability_group_id,
    indicator_id,
    base_population_id,
    title_da,
    title_en,
    break_note_en,
from comparability_groups
