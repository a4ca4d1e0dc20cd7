{% macro calibration_fits(influences, factors) %}
    {#-
    CTEs ending in `calibration_fits` (estimate_number, calibration_cell, fit): x'B of each calibration cell, B = (X'WX)⁻X'Wu the
    regression of u = z/w on the margins' indicators over the whole sample (u = 0 outside the segment).
    W is the design weight, or 1 where residuals are unweighted. Only a group that the segment reaches has a fit other than 0.
    Source: Deville and Särndal (1992), JASA 87, 376-382, section 3; Särndal, Swensson and Wretman (1992), result 6.6.1.
    -#}
cross_products as (
    select
        estimate_number,
        calibration_group,
        category_number,
        fsum(cross_product) as cross_product,
    from (
        select
            {{ influences }}.estimate_number,
            factors.calibration_group,
            unnest(factors.category_numbers) as category_number,
            case factors.residual_weights
                when 'base' then y_influence * sum_dy + x_influence * sum_dx
                else y_influence * sum_y + x_influence * sum_x
            end as cross_product,
        from (
            select
                estimate_number,
                calibration_cell,
                any_value(y_influence) as y_influence,
                any_value(x_influence) as x_influence,
                fsum(sum_dy) as sum_dy,
                fsum(sum_dx) as sum_dx,
                fsum(sum_y) as sum_y,
                fsum(sum_x) as sum_x,
            from {{ influences }}
            where calibration_cell is not null
            group by estimate_number, calibration_cell, change_sign
        ) as {{ influences }}
        inner join {{ factors }} as factors on {{ influences }}.calibration_cell = factors.calibration_cell
    )
    group by all
),

cross_product_vectors as (
    select
        grid.estimate_number,
        grid.calibration_group,
        list(coalesce(cross_products.cross_product, 0.0) order by grid.category_number) as cross_products,
    from (
        select
            reached.estimate_number,
            reached.calibration_group,
            unnest(range(1, widths.category_count + 1)) as category_number,
        from (select distinct estimate_number, calibration_group from cross_products) as reached
        inner join (
            select calibration_group, max(len(leverages)) as category_count from {{ factors }} group by calibration_group
        ) as widths on reached.calibration_group = widths.calibration_group
    ) as grid
    left join cross_products
        on grid.estimate_number = cross_products.estimate_number
        and grid.calibration_group = cross_products.calibration_group
        and grid.category_number = cross_products.category_number
    group by all
),

calibration_fits as (
    select
        cross_product_vectors.estimate_number,
        factors.calibration_cell,
        list_dot_product(cross_product_vectors.cross_products, factors.leverages) as fit,
    from cross_product_vectors
    inner join {{ factors }} as factors on cross_product_vectors.calibration_group = factors.calibration_group
)
{%- endmacro %}
