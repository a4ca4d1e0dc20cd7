-- Findings that no arithmetic can show: entered with their lines.
with checks as (
    select * from {{ ref('stg_catalogue__source_checks') }}
)

select
    check_id,
    publication_id,
    check_kind,
    source_lines,
    cast(null as varchar) as arithmetic,
    cast(null as double) as computed_value,
    cast(null as double) as printed_value,
    registered_outcome as outcome,
    registered_outcome,
    explanation_da,
    explanation_en,
from checks
where comparison = 'reading'
