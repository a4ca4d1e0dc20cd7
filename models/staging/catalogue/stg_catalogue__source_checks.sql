select
    check_id,
    publication_id,
    check_kind,
    comparison,
    operation,
    mismatch_outcome,
    registered_outcome,
    source_lines,
    explanation_da,
    explanation_en,
from {{ ref('source_checks') }}
