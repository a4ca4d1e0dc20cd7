-- A premise that names a figure takes its limits from the figure: half of its last digit to each side where it is exact, itself up to all
-- where it says "more than", and from 0 where it says "less than". An approximate share, or what is no share, gives none.
with premises as (
    select * from {{ ref('stg_official__bound_premises') }}
),

figures as (
    select * from {{ ref('stg_official__figures') }}
)

select
    premises.* replace (
        coalesce(
            premises.lower_limit,
            case figures.value_qualifier
                when '=' then figures.observation_value - 0.5 * pow(10, -figures.printed_decimals)
                when '>' then figures.observation_value
                when '<' then 0
            end
        ) as lower_limit,
        coalesce(
            premises.upper_limit,
            case figures.value_qualifier
                when '=' then figures.observation_value + 0.5 * pow(10, -figures.printed_decimals)
                when '>' then 100
                when '<' then figures.observation_value
            end
        ) as upper_limit
    ),
from premises
left join figures
    on premises.official_figure_id = figures.official_figure_id
    and figures.unit_of_measure = 'percent'
