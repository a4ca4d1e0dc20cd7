with size_classes as (
    select * from {{ ref('stg_codelists__size_classes') }}
)

select
    size_class_id,
    sort_order,
    label_da,
    label_en,
    minimum_employees,
    maximum_employees,
    size_unit,
from size_classes
