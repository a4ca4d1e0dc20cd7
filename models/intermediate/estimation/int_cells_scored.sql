-- A row per cell and measure, where the cell is in the domain of the measure.
with design_measures as (
    select * from {{ ref('int_design_measures') }}
),

domains as (
    select * from {{ ref('stg_responses__estimation_domains') }}
),

design_cells as (
    select * from {{ ref('int_design_cells') }}
),

-- numbers stand as they were read
measured as (
    select
        *,
        cast(0 as double) as shift_y,
        cast(null as double[]) as largest_values,
        cast(null as double) as sum_absolute,
    from {{ ref('int_cells_pooled') }}
    union all by name
    select * exclude (code, score)
    from {{ ref('int_cells_read') }}
    where score is null
),

domain_columns as (
    select
        design_measures.measure_number,
        count(distinct domains.column_name) as column_count,
    from design_measures
    inner join domains
        on design_measures.measure_set_id = domains.measure_set_id and design_measures.measure_id = domains.measure_id
    group by design_measures.measure_number
),

cells_in_domain as (
    select
        design_cells.design_cell,
        design_measures.measure_number,
    from design_cells
    inner join design_measures on design_cells.design_id = design_measures.design_id
    inner join domains
        on design_measures.measure_set_id = domains.measure_set_id and design_measures.measure_id = domains.measure_id
    inner join domain_columns on design_measures.measure_number = domain_columns.measure_number
    where design_cells.attributes[domains.column_name] = domains.category
    group by design_cells.design_cell, design_measures.measure_number, domain_columns.column_count
    having count(distinct domains.column_name) = domain_columns.column_count
)

select measured.*
from measured
left join domain_columns on measured.measure_number = domain_columns.measure_number
left join cells_in_domain
    on measured.design_cell = cells_in_domain.design_cell and measured.measure_number = cells_in_domain.measure_number
where domain_columns.measure_number is null or cells_in_domain.design_cell is not null
