{{ config(post_hook="{{ calibration_problems(this) }}") }}
-- depends_on: {{ ref('int_design_cells') }}, {{ ref('stg_responses__estimation_designs') }}
with recursive cells as (
    select * from {{ ref('int_calibration_cells') }}
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

inverses as (
    select * from {{ ref('int_calibration_inverses') }}
),

{{ raked_factors("(select * from cells where calibration_method <> 'linear')") }},

{{ linear_factors("(select * from cells where calibration_method = 'linear')", 'categories', "(select * from inverses where inverse_weights = 'base')") }},

factors as (
    select * from raked_factors
    union all by name
    select * from linear_factors
),

-- x'(X'WX)⁻ of the cell: multiplied by X'Wu it gives the cell's fitted value
with_leverage as (
    select
        cells.*,
        factors.calibration_factor,
        factors.rounds,
        list_transform(
            range(1, len(inverses.inverse) + 1),
            lambda j: list_sum(list_transform(cells.category_numbers, lambda k: inverses.inverse[k][j]))
        ) as leverages,
    from cells
    inner join factors on cells.calibration_cell = factors.calibration_cell
    inner join inverses
        on cells.calibration_group = inverses.calibration_group and cells.residual_weights = inverses.inverse_weights
),

margin_errors as (
    select
        calibration_group,
        max(relative_error) as largest_margin_error,
    from (
        select
            calibration_group,
            abs(fsum(sum_d * calibration_factor) / nullif(any_value(population_count), 0) - 1) as relative_error,
        from (
            select
                calibration_group,
                sum_d,
                calibration_factor,
                unnest(category_numbers) as category_number,
                unnest(population_counts) as population_count,
            from with_leverage
        )
        group by calibration_group, category_number
    )
    group by calibration_group
)

select
    with_leverage.calibration_cell,
    with_leverage.calibration_group,
    with_leverage.calibration_id,
    with_leverage.calibration_method,
    with_leverage.residual_weights,
    with_leverage.within_category,
    with_leverage.margin_categories,
    with_leverage.respondents,
    with_leverage.sum_d,
    with_leverage.category_numbers,
    with_leverage.leverages,
    with_leverage.calibration_factor,
    with_leverage.rounds,
    margin_errors.largest_margin_error,
from with_leverage
inner join margin_errors on with_leverage.calibration_group = margin_errors.calibration_group
