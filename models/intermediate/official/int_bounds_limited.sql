-- A premise that names a figure takes its limits from the figure, with half of its last digit to each side.
with premises as (
    select * from {{ ref('stg_official__bound_premises') }}
),

figures as (
    select * from {{ ref('stg_official__figures') }}
)

select
    premises.* replace (
        coalesce(premises.lower_limit, figures.observation_value - 0.5 * pow(10, -figures.printed_decimals)) as lower_limit,
        coalesce(premises.upper_limit, figures.observation_value + 0.5 * pow(10, -figures.printed_decimals)) as upper_limit
    ),
from premises
left join figures on premises.official_figure_id = figures.official_figure_id
