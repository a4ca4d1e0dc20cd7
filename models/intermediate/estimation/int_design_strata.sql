with design_cells as (
    select * from {{ ref('int_design_cells') }}
),

designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

counted as (
    select
        stratum_number,
        any_value(design_id) as design_id,
        any_value(stratum_key) as stratum_key,
        {{ sampling_units('psu_id', 'respondents') }} as unit_count,
        min(stratum_population_size) as stratum_population_size,
    from design_cells
    group by stratum_number
)

select
    counted.stratum_number,
    counted.design_id,
    counted.stratum_key,
    counted.unit_count,
    counted.stratum_population_size,
    {{ stratum_scale('counted.unit_count', 'counted.stratum_population_size', 'designs.lonely_stratum') }} as variance_scale,
    -- a lonely stratum has no mean to subtract
    case when counted.unit_count > 1 then 1.0 / counted.unit_count else 0.0 end as mean_factor,
from counted
inner join designs on counted.design_id = designs.design_id
