with design_measures as (
    select * from {{ ref('int_design_measures') }}
),

scores as (
    select * from {{ ref('stg_responses__estimation_scores') }}
),

domains as (
    select * from {{ ref('stg_responses__estimation_domains') }}
),

moments as (
    select * from {{ ref('int_response_moments') }}
    where answer_status = 'valid'
),

design_cells as (
    select * from {{ ref('int_design_cells') }}
),

-- what each measure reads, and the number an answer code stands for in it; a measure without scores takes the codes
scored as (
    select
        design_measures.design_id,
        design_measures.measure_number,
        case
            when design_measures.denominator_item_id is not null then design_measures.item_id || '/' || design_measures.denominator_item_id
            else coalesce(design_measures.item_id, '')
        end as variable_id,
        scores.code,
        scores.score,
        count(scores.code) over (partition by design_measures.measure_number) > 0 as has_scores,
    from design_measures
    left join scores
        on design_measures.measure_set_id = scores.measure_set_id and design_measures.measure_id = scores.measure_id
    where design_measures.change_column is null or design_measures.has_change
),

read_cells as (
    select
        design_cells.design_cell,
        scored.measure_number,
        moments.* exclude (stratum_id, psu_id, stratum_population_size, design_weight, attributes),
        coalesce(scored.score, moments.code) as score,
    from design_cells
    inner join moments
        on design_cells.survey_wave_id = moments.survey_wave_id
        and design_cells.is_by_unit = moments.is_by_unit
        and design_cells.cell_id = moments.cell_id
    inner join scored
        on design_cells.design_id = scored.design_id
        and moments.variable_id = scored.variable_id
        and (not scored.has_scores or moments.code = scored.code)
),

coded as (
    select * from read_cells
    where score is not null
),

{{ pooled_codes('coded') }},

measured as (
    select * from pooled_codes
    union all by name
    select
        design_cell,
        measure_number,
        largest_values,
        respondents,
        weighted_respondents,
        sum_y,
        sum_x,
        sum_d,
        sum_dy,
        sum_dx,
        within_dyy,
        c_dd,
        c_dy,
        c_dx,
        c_yy,
        c_yx,
        c_xx,
    from read_cells
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
