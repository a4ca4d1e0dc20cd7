with designs as (
    select * from {{ ref('stg_responses__estimation_designs') }}
),

measures as (
    select * from {{ ref('stg_responses__estimation_measures') }}
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

segments as (
    select * from {{ ref('int_design_segments') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
),

weighted_cells as (
    select
        design_cells.*,
        factors.calibration_cell,
        coalesce(factors.calibration_factor, 1.0) as calibration_factor,
    from design_cells
    left join factors
        on design_cells.calibration_id = factors.calibration_id
        and design_cells.within_category = factors.within_category
        and design_cells.margin_categories = factors.margin_categories
),

-- what each measure reads, and the number an answer code stands for in it; a measure without scores takes the codes
scored as (
    select
        designs.design_id,
        measures.measure_id,
        dense_rank() over (order by designs.design_id, measures.measure_id) as measure_number,
        case
            when measures.denominator_item_id is not null then measures.item_id || '/' || measures.denominator_item_id
            else coalesce(measures.item_id, '')
        end as variable_id,
        scores.code,
        scores.score,
        count(scores.code) over (partition by designs.design_id, measures.measure_id) > 0 as has_scores,
        designs.change_column is null or measures.has_change as is_estimated,
    from designs
    inner join measures on designs.measure_set_id = measures.measure_set_id
    left join scores
        on measures.measure_set_id = scores.measure_set_id and measures.measure_id = scores.measure_id
),

read_cells as (
    select
        weighted_cells.design_cell,
        scored.measure_number,
        moments.* exclude (stratum_id, psu_id, stratum_population_size, design_weight, attributes),
        coalesce(scored.score, moments.code) as score,
    from weighted_cells
    inner join moments
        on weighted_cells.survey_wave_id = moments.survey_wave_id
        and weighted_cells.is_by_unit = moments.is_by_unit
        and weighted_cells.cell_id = moments.cell_id
    inner join scored
        on weighted_cells.design_id = scored.design_id
        and moments.variable_id = scored.variable_id
        and scored.is_estimated
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

measure_numbers as (
    select distinct
        design_id,
        measure_id,
        measure_number,
    from scored
),

domain_columns as (
    select
        measure_numbers.measure_number,
        count(distinct domains.column_name) as column_count,
    from measure_numbers
    inner join designs on measure_numbers.design_id = designs.design_id
    inner join domains on designs.measure_set_id = domains.measure_set_id and measure_numbers.measure_id = domains.measure_id
    group by measure_numbers.measure_number
),

cells_in_domain as (
    select
        design_cells.design_cell,
        measure_numbers.measure_number,
    from design_cells
    inner join designs on design_cells.design_id = designs.design_id
    inner join domains on designs.measure_set_id = domains.measure_set_id
    inner join measure_numbers on designs.design_id = measure_numbers.design_id and domains.measure_id = measure_numbers.measure_id
    inner join domain_columns on measure_numbers.measure_number = domain_columns.measure_number
    where design_cells.attributes[domains.column_name] = domains.category
    group by design_cells.design_cell, measure_numbers.measure_number, domain_columns.column_count
    having count(distinct domains.column_name) = domain_columns.column_count
),

admitted as (
    select measured.*
    from measured
    left join domain_columns on measured.measure_number = domain_columns.measure_number
    left join cells_in_domain
        on measured.design_cell = cells_in_domain.design_cell and measured.measure_number = cells_in_domain.measure_number
    where domain_columns.measure_number is null or cells_in_domain.design_cell is not null
)

select
    -- one number for measure and segment: the segments of all designs are fewer than a thousand million
    admitted.measure_number * 1000000000 + segments.segment_number as estimate_number,
    segments.change_sign,
    admitted.design_cell,
    admitted.measure_number,
    segments.segment_number,
    weighted_cells.stratum_number,
    weighted_cells.psu_id,
    weighted_cells.calibration_cell,
    weighted_cells.calibration_factor,
    admitted.largest_values,
    admitted.respondents,
    case when weighted_cells.calibration_factor <> 0 then admitted.weighted_respondents else 0 end as weighted_respondents,
    admitted.sum_y,
    admitted.sum_x,
    admitted.sum_d,
    admitted.sum_dy,
    admitted.sum_dx,
    admitted.within_dyy,
    admitted.c_dd,
    admitted.c_dy,
    admitted.c_dx,
    admitted.c_yy,
    admitted.c_yx,
    admitted.c_xx,
from admitted
inner join weighted_cells on admitted.design_cell = weighted_cells.design_cell
inner join segments on admitted.design_cell = segments.design_cell
