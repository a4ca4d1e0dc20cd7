with indicators as (
    select * from {{ ref('stg_catalogue__indicators') }}
)

select
    indicator_id,
    label_da,
    label_en,
    construct,
    theme,
    definition_en,
from indicators
