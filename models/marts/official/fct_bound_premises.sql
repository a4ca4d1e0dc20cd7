select * from {{ ref('int_bounds_limited') }}
