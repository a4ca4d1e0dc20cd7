{% macro design_measures(designs, measures) %}
    {#-
    CTE `design_measures`: the measures of each design, all columns of the measure with design_id, change_column and a number that no
    other measure of a design has.
    -#}
design_measures as (
    select
        designs.design_id,
        designs.change_column,
        measures.*,
        dense_rank() over (order by designs.design_id, measures.measure_id) as measure_number,
    from {{ designs }} as designs
    inner join {{ measures }} as measures on designs.measure_set_id = measures.measure_set_id
)
{%- endmacro %}
