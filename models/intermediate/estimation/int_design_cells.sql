with evidenced as (
    select * from {{ ref('int_designs_evidenced') }}
),

designs as (
    select designs.*
    from {{ ref('stg_responses__estimation_designs') }} as designs
    inner join evidenced on designs.design_id = evidenced.design_id
),

cells as (
    select * from {{ ref('int_response_cell_weights') }}
),

margins as (
    select * from {{ ref('stg_responses__calibration_margins') }}
),

margin_columns as (
    select
        margin_set_id,
        list(distinct column_name order by column_name) as margin_columns,
    from margins
    group by margin_set_id
),

total_columns as (
    select
        margin_set_id,
        list(column_name order by column_name) as total_columns,
        list(total order by column_name) as totals,
    from {{ ref('stg_responses__calibration_totals') }}
    group by margin_set_id
),

placed as (
    select
        designs.design_id,
        cells.survey_wave_id,
        cells.is_by_unit,
        cells.cell_id,
        cells.attributes,
        case designs.stratum_scope when 'wave' then cells.survey_wave_id || '|' else '' end || cells.stratum_id as stratum_key,
        case when designs.has_psu then cells.psu_id end as psu_id,
        case when designs.has_population_correction then cells.stratum_population_size end as stratum_population_size,
        cells.respondents,
        cells.weighted_respondents,
        cells.sum_d,
        cells.c_dd,
        -- designs that calibrate the same sample in the same way share their weights
        case when designs.calibration_method is not null then md5(concat_ws(
            '|', designs.survey_wave_id, coalesce(designs.earlier_survey_wave_id, ''), designs.margin_set_id,
            designs.calibration_method, designs.residual_weights, coalesce(designs.calibration_within_column, ''),
            coalesce(designs.calibration_lower, '-infinity'), coalesce(designs.calibration_upper, 'infinity')
        )) end as calibration_id,
        designs.calibration_method,
        designs.calibration_lower,
        designs.calibration_upper,
        designs.residual_weights,
        designs.margin_set_id,
        coalesce(margin_columns.margin_columns, []) as margin_columns,
        case
            when designs.calibration_within_column is null then ''
            else coalesce(cells.attributes[designs.calibration_within_column], '')
        end as within_category,
        list_transform(
            coalesce(margin_columns.margin_columns, []), lambda margin_column: coalesce(cells.attributes[margin_column], '')
        ) as margin_categories,
        -- the constant 1 where numbers are all that is known
        coalesce(total_columns.totals, []) as totals,
        list_transform(
            coalesce(total_columns.total_columns, []),
            lambda total_column: case when total_column is null then 1.0 else try_cast(cells.attributes[total_column] as double) end
        ) as total_values,
        case
            when designs.change_column is null or cells.attributes[designs.change_column] = designs.change_to then 1
            when cells.attributes[designs.change_column] = designs.change_from then -1
        end as change_sign,
    from designs
    inner join cells
        on designs.survey_id = cells.survey_id
        and (designs.survey_wave_id = cells.survey_wave_id or designs.earlier_survey_wave_id = cells.survey_wave_id)
        and coalesce(designs.has_psu, false) = cells.is_by_unit
    left join margin_columns on designs.margin_set_id = margin_columns.margin_set_id
    left join total_columns on designs.margin_set_id = total_columns.margin_set_id
)

select
    row_number() over (order by design_id, survey_wave_id, cell_id) as design_cell,
    dense_rank() over (order by design_id, stratum_key) as stratum_number,
    *,
from placed
