{% macro matching_columns() %}
    {#-
    Numbers 1 … p of the coordinates, p being the most distance columns that any matching has; read from the plan, which a model
    may not have built yet.
    -#}
    {%- set most = 1 -%}
    {%- if plan_is_written('matchings') -%}
        {%- set matchings = plan_table('matchings', {'distance_columns': 'varchar[]'}) -%}
        {%- set most = run_query("select coalesce(max(len(distance_columns)), 1) from " ~ matchings).rows[0][0] | int -%}
        {{ return(range(1, most + 1) | list) }}
    {%- endif -%}
    {{ return([1]) }}
{% endmacro %}
