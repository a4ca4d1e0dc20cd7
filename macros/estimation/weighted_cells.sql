{% macro weighted_cells(design_cells, factors) %}
    {#-
    CTE `weighted_cells`: the cells of a design with the factor that calibration multiplies their weights by (1 without calibration), and
    with the number and the margin categories of their calibration cell.
    -#}
weighted_cells as (
    select
        design_cells.*,
        factors.calibration_cell,
        factors.category_numbers,
        coalesce(factors.calibration_factor, 1.0) as calibration_factor,
    from {{ design_cells }} as design_cells
    left join {{ factors }} as factors
        on design_cells.calibration_id = factors.calibration_id
        and design_cells.within_category = factors.within_category
        and design_cells.margin_categories = factors.margin_categories
)
{%- endmacro %}
