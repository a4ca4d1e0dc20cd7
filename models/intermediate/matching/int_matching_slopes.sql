-- Slopes of the bias adjustment: regression of the outcome on 1 and the distance columns among the used controls, weights K.
-- A column that is constant among them, or depends on those before it, gets the slope 0.
-- Source: Abadie and Imbens (2011), Journal of Business & Economic Statistics 29, 1-11.
with recursive used_controls as (
    select
        control_weights.matching_number,
        control_weights.control_number,
        control_weights.control_weight,
        firms.distance_values,
        firms.outcomes,
    from {{ ref('int_matching_control_weights') }} as control_weights
    inner join {{ ref('int_matching_rows') }} as firms
        on control_weights.matching_number = firms.matching_number
        and control_weights.control_number = firms.firm_number
),

column_values as (
    select
        matching_number,
        control_number,
        control_weight,
        unnest(generate_series(1, len(distance_values))) as column_number,
        unnest(distance_values) as column_value,
    from used_controls
),

column_means as (
    select
        matching_number,
        column_number,
        {{ ordered_sum('control_weight * column_value') }} / {{ ordered_sum('control_weight') }} as mean,
        min(column_value) = max(column_value) as is_constant,
    from column_values
    group by matching_number, column_number
),

deviations as (
    select
        column_values.matching_number,
        column_values.control_number,
        column_values.control_weight,
        column_values.column_number,
        case when column_means.is_constant then 0 else column_values.column_value - column_means.mean end as deviation,
    from column_values
    inner join column_means
        on column_values.matching_number = column_means.matching_number
        and column_values.column_number = column_means.column_number
),

products as (
    select
        first_deviations.matching_number,
        first_deviations.column_number as first_column,
        second_deviations.column_number as second_column,
        {{ ordered_sum('first_deviations.control_weight * first_deviations.deviation * second_deviations.deviation') }} as product,
    from deviations as first_deviations
    inner join deviations as second_deviations
        on first_deviations.matching_number = second_deviations.matching_number
        and first_deviations.control_number = second_deviations.control_number
    group by first_deviations.matching_number, first_deviations.column_number, second_deviations.column_number
),

matrix_rows as (
    select
        matching_number,
        first_column,
        list(product order by second_column) as matrix_row,
    from products
    group by matching_number, first_column
),

matrices as (
    select
        matching_number,
        list(matrix_row order by first_column) as matrix,
    from matrix_rows
    group by matching_number
),

swept_matrices as (
    {{ swept_matrices('matrices', ['matching_number']) }}
),

control_outcomes as (
    select
        comparisons.comparison_number,
        used_controls.matching_number,
        used_controls.control_number,
        used_controls.control_weight,
        used_controls.outcomes[comparisons.outcome_number] as outcome,
    from used_controls
    inner join {{ ref('stg_matching__comparisons') }} as comparisons on used_controls.matching_number = comparisons.matching_number
),

outcome_means as (
    select
        comparison_number,
        {{ ordered_sum('control_weight * outcome') }} / {{ ordered_sum('control_weight') }} as mean,
    from control_outcomes
    group by comparison_number
),

outcome_products as (
    select
        control_outcomes.comparison_number,
        control_outcomes.matching_number,
        deviations.column_number,
        {{ ordered_sum('control_outcomes.control_weight * deviations.deviation * (control_outcomes.outcome - outcome_means.mean)') }} as product,
    from control_outcomes
    inner join outcome_means on control_outcomes.comparison_number = outcome_means.comparison_number
    inner join deviations
        on control_outcomes.matching_number = deviations.matching_number
        and control_outcomes.control_number = deviations.control_number
    group by control_outcomes.comparison_number, control_outcomes.matching_number, deviations.column_number
),

outcome_vectors as (
    select
        comparison_number,
        matching_number,
        list(product order by column_number) as products,
    from outcome_products
    group by comparison_number, matching_number
)

select
    outcome_vectors.comparison_number,
    outcome_vectors.matching_number,
    list_transform(swept_matrices.inverse, lambda inverse_row: list_inner_product(inverse_row, outcome_vectors.products)) as slopes,
from outcome_vectors
inner join swept_matrices on outcome_vectors.matching_number = swept_matrices.matching_number
