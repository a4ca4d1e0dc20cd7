select
    size_class_id,
    sort_order,
    label_da,
    label_en,
    minimum_employees,
    maximum_employees,
    size_unit,
from {{ ref('size_classes') }}
