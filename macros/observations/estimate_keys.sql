{% macro estimate_keys() %}
    {#- What an estimate is of: the columns that every table of estimates begins with. -#}
    estimate_number,
    design_id,
    measure_id,
    breakdown_id,
    column_names,
    categories,
    segment,
    statistic,
    is_change,
{%- endmacro %}
