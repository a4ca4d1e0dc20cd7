{% macro calibration_categories(design_cells, margins) %}
    {#-
    CTE `calibration_categories`: a row per calibration, group and margin category with the population count to be met and the
    category's number among all of the calibration.
    -#}
calibration_categories as (
    select
        sample_groups.calibration_id,
        sample_groups.within_category,
        margins.column_name,
        margins.category,
        margins.population_count,
        row_number() over (
            partition by sample_groups.calibration_id order by sample_groups.within_category, margins.column_name, margins.category
        ) as category_number,
    from (
        select distinct
            calibration_id,
            margin_set_id,
            within_category,
        from {{ design_cells }}
        where calibration_id is not null
    ) as sample_groups
    inner join {{ margins }} as margins
        on sample_groups.margin_set_id = margins.margin_set_id
        and (margins.within_category is null or sample_groups.within_category = margins.within_category)
)
{%- endmacro %}
