{% macro linear_factors(cells, categories, inverses) %}
    {#-
    CTEs ending in `linear_factors` (calibration_cell, calibration_factor, rounds): 1 + x'b with b = (X'DX)⁻(t - X'd), the
    weights of the regression estimator; they may be negative. x: indicators of the margins' categories, t: population
    counts, D: design weights d. One step of iterative refinement takes b to full precision.
    Source: Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87, 376-382.
    -#}
{%- for pass in [1, 2] %}
linear_totals_{{ pass }} as (
    select
        calibration_id,
        category_number,
        {{ ordered_sum('sum_d' if pass == 1 else 'sum_d * calibration_factor') }} as weighted_total,
    from (
        select
            *,
            unnest(category_numbers) as category_number,
        from {{ cells if pass == 1 else 'linear_solutions_1' }}
    )
    group by all
),

linear_shortfalls_{{ pass }} as (
    select
        groups.calibration_id,
        list(categories.population_count - totals.weighted_total order by categories.category_number) as shortfalls,
    from (select distinct calibration_id from {{ cells }}) as groups
    inner join {{ categories }} as categories on groups.calibration_id = categories.calibration_id
    inner join linear_totals_{{ pass }} as totals
        on groups.calibration_id = totals.calibration_id and categories.category_number = totals.category_number
    group by all
),

linear_solutions_{{ pass }} as (
    select
        linear_cells.* exclude (calibration_factor),
        linear_cells.calibration_factor + list_sum(list_transform(
            linear_cells.category_numbers, lambda k: list_dot_product(inverses.inverse[k], shortfalls.shortfalls)
        )) as calibration_factor,
    from {{ '(select *, cast(1 as double) as calibration_factor from ' ~ cells ~ ')' if pass == 1 else 'linear_solutions_1' }} as linear_cells
    inner join linear_shortfalls_{{ pass }} as shortfalls on linear_cells.calibration_id = shortfalls.calibration_id
    inner join {{ inverses }} as inverses on linear_cells.calibration_id = inverses.calibration_id
),
{% endfor %}
linear_factors as (
    select
        calibration_cell,
        calibration_factor,
        1 as rounds,
    from linear_solutions_2
)
{% endmacro %}
