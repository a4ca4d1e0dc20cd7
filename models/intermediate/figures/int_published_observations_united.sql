with from_figures as (
    select * from {{ ref('int_observations_from_figures') }}
),

from_derivations as (
    select * from {{ ref('int_observations_from_derivations') }}
)

select * from from_figures
union all by name
select * from from_derivations
