with units as (
    select * from {{ ref('stg_codelists__units') }}
)

select
    unit_of_measure,
    label_da,
    label_en,
    symbol_da,
    symbol_en,
    minimum_value,
    maximum_value,
from units
