{% macro calibration_corrections(influences, cells, inverses, residuals, strata) %}
    {#-
    CTEs ending in `calibration_corrections` (estimate_number, covariance, fit_variance): with calibrated weights the variance is that of
    Z - G, G the part of Z that the calibration predicts, so V(Z) - 2 C(Z, G) + V(G). G of a row is w x'B in the whole sample, also
    outside the segment; B = (X'WX)⁻X'Wu is the regression of u = z/w on the margins' indicators x, W the design weights or 1.
    As x has few values, C and V(G) come from sums by margin category (int_calibration_residuals), not from rows.
    Source: Deville and Särndal (1992), JASA 87, 376-382, section 3; Särndal, Swensson and Wretman (1992), result 6.6.1.
    -#}
cross_products as (
    select
        estimate_number,
        category_number,
        any_value(design_id) as design_id,
        any_value(calibration_cell) as calibration_cell,
        {{ ordered_sum('cross_product') }} as cross_product,
    from (
        select
            influences.estimate_number,
            influences.design_id,
            cells.calibration_cell,
            unnest(cells.category_numbers) as category_number,
            influences.y_influence * case cells.residual_weights when 'base' then influences.sum_dy else influences.sum_y end
            + influences.x_influence * case cells.residual_weights when 'base' then influences.sum_dx else influences.sum_x end as cross_product,
        from {{ influences }} as influences
        inner join {{ cells }} as cells on influences.calibration_cell = cells.calibration_cell
    )
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
),

coefficient_vectors as (
    select
        products.estimate_number,
        products.design_id,
        list_transform(
            inverses.inverse, lambda inverse_row: list_dot_product(list_select(inverse_row, products.category_numbers), products.cross_products)
        ) as coefficients,
    from product_lists as products
    inner join {{ cells }} as cells on products.calibration_cell = cells.calibration_cell
    inner join {{ inverses }} as inverses
        on cells.calibration_id = inverses.calibration_id and cells.residual_weights = inverses.inverse_weights
),

-- sum of Z G over units, less the product of the stratum's sums of Z and of G times its mean factor
covariance_terms as (
    select
        influences.estimate_number,
        strata.variance_scale * power(influences.calibration_factor, 2)
        * (
            influences.y_influence * (influences.c_dy + influences.sum_d * influences.sum_dy / influences.respondents)
            + influences.x_influence * (influences.c_dx + influences.sum_d * influences.sum_dx / influences.respondents)
        )
        * list_sum(list_select(vectors.coefficients, cells.category_numbers)) as term,
    from {{ influences }} as influences
    inner join {{ cells }} as cells on influences.calibration_cell = cells.calibration_cell
    inner join coefficient_vectors as vectors on influences.estimate_number = vectors.estimate_number
    inner join {{ strata }} as strata on influences.stratum_number = strata.stratum_number
    where influences.psu_id is null
    union all
    select
        units.estimate_number,
        strata.variance_scale * units.z_total * {{ fitted_total('residuals', 'vectors') }} as term,
    from unit_groups as units
    inner join coefficient_vectors as vectors on units.estimate_number = vectors.estimate_number
    inner join {{ residuals }} as residuals
        on residuals.level = 'unit' and units.stratum_number = residuals.stratum_number and units.psu_id = residuals.psu_id
    inner join {{ strata }} as strata on units.stratum_number = strata.stratum_number
    union all
    select
        totals.estimate_number,
        -strata.variance_scale * strata.mean_factor * totals.z_total * {{ fitted_total('residuals', 'vectors') }} as term,
    from stratum_totals as totals
    inner join coefficient_vectors as vectors on totals.estimate_number = vectors.estimate_number
    inner join {{ residuals }} as residuals on residuals.level = 'stratum' and totals.stratum_number = residuals.stratum_number
    inner join {{ strata }} as strata on totals.stratum_number = strata.stratum_number
),

covariances as (
    select
        estimate_number,
        {{ ordered_sum('term') }} as covariance,
    from covariance_terms
    group by estimate_number
),

fit_variances as (
    select
        vectors.estimate_number,
        {{ ordered_sum('vectors.coefficients[residuals.row_number]
            * list_dot_product(list_resize(residuals.elements, len(vectors.coefficients), 0.0), vectors.coefficients)') }} as fit_variance,
    from coefficient_vectors as vectors
    inner join {{ residuals }} as residuals on residuals.level = 'matrix_row' and vectors.design_id = residuals.design_id
    group by vectors.estimate_number
),

calibration_corrections as (
    select
        covariances.estimate_number,
        covariances.covariance,
        fit_variances.fit_variance,
    from covariances
    inner join fit_variances on covariances.estimate_number = fit_variances.estimate_number
)
{%- endmacro %}


{% macro fitted_total(residuals, vectors) %}
    {#- Sum of (weight in category) x (coefficient of the category) over the categories of a stratum, a unit or a matrix row. -#}
    list_dot_product({{ residuals }}.elements, list_select({{ vectors }}.coefficients, {{ residuals }}.category_numbers))
{%- endmacro %}


{% macro calibrated_variance(variance, covariance, fit_variance) %}
    {#-
    V(Z) - 2 C(Z, G) + V(G), see calibration_corrections; a difference that is 0 but for the rounding of its terms (1e-13 of them), as
    where the variable is itself a margin, is 0.
    -#}
    case
        when {{ covariance }} is null then {{ variance }}
        when {{ variance }} - 2 * {{ covariance }} + {{ fit_variance }} <= 1e-13 * ({{ variance }} + {{ fit_variance }}) then 0.0
        else {{ variance }} - 2 * {{ covariance }} + {{ fit_variance }}
    end
{%- endmacro %}
