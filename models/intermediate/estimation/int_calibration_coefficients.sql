-- B = (X'WX)⁻X'Wu of each estimate: the regression of u = z/w on the margins' indicators x, W the design weights or 1.
-- Source: Deville and Särndal (1992), JASA 87, 376-382, section 3.
with influences as (
    select * from {{ ref('int_estimate_influences') }}
),

factors as (
    select * from {{ ref('int_calibration_factors') }}
),

inverses as (
    select * from {{ ref('int_calibration_inverses') }}
),

by_category as (
    select
        influences.estimate_number,
        influences.design_id,
        influences.calibration_cell,
        influences.u_total,
        unnest(factors.category_numbers) as category_number,
    from influences
    inner join factors on influences.calibration_cell = factors.calibration_cell
),

cross_products as (
    select
        estimate_number,
        category_number,
        any_value(design_id) as design_id,
        any_value(calibration_cell) as calibration_cell,
        {{ ordered_sum('u_total') }} as cross_product,
    from by_category
    group by estimate_number, category_number
),

product_lists as (
    select
        estimate_number,
        any_value(design_id) as design_id,
        any_value(calibration_cell) as calibration_cell,
        list(category_number order by category_number) as category_numbers,
        list(cross_product order by category_number) as cross_products,
    from cross_products
    group by estimate_number
)

select
    products.estimate_number,
    products.design_id,
    list_transform(
        inverses.inverse, lambda inverse_row: list_dot_product(list_select(inverse_row, products.category_numbers), products.cross_products)
    ) as coefficients,
from product_lists as products
inner join factors on products.calibration_cell = factors.calibration_cell
inner join inverses on factors.calibration_id = inverses.calibration_id and factors.residual_weights = inverses.inverse_weights
