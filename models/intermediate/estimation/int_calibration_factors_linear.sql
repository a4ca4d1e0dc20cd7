-- 1 + x'b with b = (X'DX)⁻(t - X'd), the factors of the regression estimator, which may be negative. x: indicators of the margins'
-- categories, t: population counts, D: design weights d. A second step, by what the first one left, takes b to full precision.
-- Source: Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87, 376-382.
with step_0 as (
    select
        *,
        cast(1 as double) as calibration_factor,
    from {{ ref('int_calibration_cells') }}
    where calibration_method = 'linear'
),

categories as (
    select * from {{ ref('int_calibration_categories') }}
),

-- of the design weights, whatever the residuals are weighted by
inverses as (
    select * from {{ ref('int_calibration_inverses') }}
    where inverse_weights = 'base'
),

{% for before, step in [(0, 1), (1, 2)] %}
totals_{{ step }} as (
    select
        calibration_id,
        category_number,
        {{ ordered_sum('sum_d * calibration_factor') }} as weighted_total,
    from (
        select
            *,
            unnest(category_numbers) as category_number,
        from step_{{ before }}
    ) as unnested
    group by calibration_id, category_number
),

shortfalls_{{ step }} as (
    select
        categories.calibration_id,
        list(categories.population_count - totals.weighted_total order by categories.category_number) as shortfalls,
    from categories
    inner join totals_{{ step }} as totals
        on categories.calibration_id = totals.calibration_id and categories.category_number = totals.category_number
    group by categories.calibration_id
),

step_{{ step }} as (
    select
        cells.* replace (
            cells.calibration_factor + list_sum(list_transform(
                cells.category_numbers, lambda k: list_dot_product(inverses.inverse[k], shortfalls.shortfalls)
            )) as calibration_factor
        ),
    from step_{{ before }} as cells
    inner join shortfalls_{{ step }} as shortfalls on cells.calibration_id = shortfalls.calibration_id
    inner join inverses on cells.calibration_id = inverses.calibration_id
){{ ',' if not loop.last }}
{% endfor %}

select
    calibration_cell,
    calibration_factor,
    1 as rounds,
from step_2
