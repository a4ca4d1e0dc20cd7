-- The two tracks: published figures with the intervals that were worked out for them, estimates with their own.
with published as (
    select * from {{ ref('int_published_observations_with_intervals') }}
),

estimated as (
    select * from {{ ref('int_observations_from_estimates') }}
)

select * from published
union all by name
select * from estimated
