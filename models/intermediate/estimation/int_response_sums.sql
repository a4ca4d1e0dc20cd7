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
),

taken_apart as (
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
        cells.stratum_id,
        cells.psu_id,
        cells.stratum_population_size,
        cells.attributes,
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
)

-- where the weight is that of the cell, weighted sums follow from it
select
    * replace (
        case
            when not is_weight_in_cell then weighted_respondents
            when design_weight <> 0 then respondents
            else 0
        end as weighted_respondents,
        case when is_weight_in_cell then design_weight * respondents else sum_d end as sum_d,
        case when is_weight_in_cell then design_weight * sum_y else sum_dy end as sum_dy,
        case when is_weight_in_cell then design_weight * sum_x else sum_dx end as sum_dx
    ),
from taken_apart
