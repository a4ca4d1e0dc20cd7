with observations as (
    select * from {{ ref('int_observations_labelled') }}
)

select
    {{ headline_mart_columns() }}
from observations
where theme = 'adoption'
