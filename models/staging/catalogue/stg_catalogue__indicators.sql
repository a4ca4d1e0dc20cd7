select
    indicator_id,
    label_da,
    label_en,
    construct,
    theme,
    definition_en,
from {{ ref('indicators') }}
