select * from {{ ref('size_classes') }}
