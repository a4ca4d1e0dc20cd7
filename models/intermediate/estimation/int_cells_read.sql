-- What each measure reads of each cell: the moments of an item, with the number that an answer code stands for.
with design_measures as (
    select * from {{ ref('int_design_measures') }}
),

scores as (
    select * from {{ ref('stg_responses__estimation_scores') }}
),

moments as (
    select * from {{ ref('int_response_moments') }}
    where answer_status = 'valid'
),

design_cells as (
    select * from {{ ref('int_design_cells') }}
),

-- a measure without scores takes the codes
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
)

select
    design_cells.design_cell,
    scored.measure_number,
    moments.code,
    coalesce(scored.score, moments.code) as score,
    moments.shift_y,
    moments.largest_values,
    moments.sum_absolute,
    moments.respondents,
    moments.weighted_respondents,
    {% for column in ['sum_y', 'sum_x', 'sum_d', 'sum_dy', 'sum_dx', 'within_dyy', 'c_dd', 'c_dy', 'c_dx', 'c_yy', 'c_yx', 'c_xx'] -%}
    moments.{{ column }},
    {% endfor -%}
from design_cells
inner join moments
    on design_cells.survey_wave_id = moments.survey_wave_id
    and design_cells.is_by_unit = moments.is_by_unit
    and design_cells.cell_id = moments.cell_id
inner join scored
    on design_cells.design_id = scored.design_id
    and moments.variable_id = scored.variable_id
    and (not scored.has_scores or moments.code = scored.code)
