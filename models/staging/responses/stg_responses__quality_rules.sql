select
    quality_rule_id,
    statistic,
    metric,
    at_least,
    below,
    quality_grade,
    reason_en,
    source,
from {{ ref('quality_rules') }}
