select * from {{ ref('comparability_groups') }}
