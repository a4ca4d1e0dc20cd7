{{ config(materialized='view') }}
with scored_cells as (
    select * from {{ ref('int_cells_scored') }}
),

design_cells as (
    select * from {{ ref('int_design_cells') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
),

segments as (
    select * from {{ ref('int_design_segments') }}
),

{{ weighted_cells('design_cells', 'factors') }}

select
    -- one number for measure and segment: the segments of all designs are fewer than a thousand million
    scored_cells.measure_number * 1000000000 + segments.segment_number as estimate_number,
    segments.change_sign,
    scored_cells.design_cell,
    scored_cells.measure_number,
    segments.segment_number,
    weighted_cells.stratum_number,
    weighted_cells.psu_id,
    weighted_cells.calibration_cell,
    weighted_cells.calibration_factor,
    scored_cells.largest_values,
    scored_cells.respondents,
    case when weighted_cells.calibration_factor <> 0 then scored_cells.weighted_respondents else 0 end as weighted_respondents,
    scored_cells.sum_y,
    scored_cells.sum_x,
    scored_cells.sum_d,
    scored_cells.sum_dy,
    scored_cells.sum_dx,
    scored_cells.within_dyy,
    scored_cells.c_dd,
    scored_cells.c_dy,
    scored_cells.c_dx,
    scored_cells.c_yy,
    scored_cells.c_yx,
    scored_cells.c_xx,
from scored_cells
inner join weighted_cells on scored_cells.design_cell = weighted_cells.design_cell
inner join segments on scored_cells.design_cell = segments.design_cell
