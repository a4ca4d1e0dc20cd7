{{ config(materialized='ephemeral') }}
-- Cells as rows: what the scan counted and summed side by side, taken apart.
with cells as (
    select * from {{ ref('int_response_cells') }}
),

scans as (
    select * from {{ ref('int_response_scans') }}
),

listed as (
    select
        survey_wave_id,
        is_by_unit,
        is_weight_in_cell,
        unnest(variables) as variable,
    from scans
),

variables as (
    select
        * exclude (variable),
        variable.*,
    from listed
)

select
    cells.survey_id,
    cells.survey_wave_id,
    cells.is_by_unit,
    variables.is_weight_in_cell,
    cells.cell_id,
    variables.variable_id,
    variables.code,
    variables.answer_status,
    variables.is_number,
    variables.is_ratio,
    coalesce(cells.shifts[variables.shift_y_place], variables.shift_y) as shift_y,
    coalesce(cells.shifts[variables.shift_x_place], variables.shift_x) as shift_x,
    cells.design_weight,
    cells.weights_present,
    cells.lowest_weight,
    -- only the row of the whole cell says where the cell lies
    {% for column in ['stratum_id', 'psu_id', 'stratum_population_size', 'attributes'] -%}
    case when variables.variable_id = '' then cells.{{ column }} end as {{ column }},
    {% endfor -%}
    cells.counts[variables.places['respondents']] as respondents,
    cells.counts[variables.places['weighted_respondents']] as weighted_respondents,
    cells.largest[variables.places['largest_values']] as largest_values,
    {% for name in [
        'sum_absolute', 'sum_y', 'sum_yy', 'sum_x', 'sum_xx', 'sum_yx', 'sum_d', 'sum_dd', 'sum_dy', 'sum_dyy', 'sum_ddy', 'sum_ddyy',
        'sum_dx', 'sum_ddx', 'sum_ddyx', 'sum_ddxx'
    ] -%}
    cells.sums[variables.places['{{ name }}']] as {{ name }},
    {% endfor -%}
from cells
inner join variables
    on cells.survey_wave_id = variables.survey_wave_id
    and cells.is_by_unit = variables.is_by_unit
where cells.counts[variables.places['respondents']] > 0
