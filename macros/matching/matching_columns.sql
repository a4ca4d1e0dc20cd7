{% macro matching_columns() %}
    {#- Numbers 1 … p of the coordinates, p being the most distance columns that any matching has. -#}
    {%- if not execute -%}{{ return([1]) }}{%- endif -%}
    {%- set most = run_query("select coalesce(max(len(distance_columns)), 1) from " ~ ref('stg_matching__matchings')).rows[0][0] | int -%}
    {{ return(range(1, most + 1) | list) }}
{% endmacro %}
