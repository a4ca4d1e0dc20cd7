select * from {{ ref('derived_columns') }}
