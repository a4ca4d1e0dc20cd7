{% macro plan_rows(name, columns) %}
    {#-
    Rows of a table of the matching plan, JSON lines that `smv_ai.matching` writes, each column with its type; no rows where no plan is
    written.
    -#}
    {%- if plan_is_written(name) %}
select *
from {{ plan_table(name, columns) }}
    {%- else %}
select
    {%- for column, type in columns.items() %}
    cast(null as {{ type }}) as {{ column }},
    {%- endfor %}
where false
    {%- endif %}
{% endmacro %}


{% macro plan_table(name, columns) %}
    {#- A table of the plan as DuckDB reads it, with the columns (a dictionary of types) that are asked for. -#}
    read_json('{{ plan_path(name) }}', format = 'newline_delimited', maximum_object_size = 67108864, columns = {
    {%- for column, type in columns.items() %}'{{ column }}': '{{ type }}'{{ ', ' if not loop.last }}{% endfor -%}
    })
{%- endmacro %}


{% macro plan_path(name) %}
    {#- Where a table of the plan lies: var('matching_path'). -#}
    {{- var('matching_path') ~ '/' ~ name ~ '.jsonl' -}}
{% endmacro %}


{% macro plan_is_written(name) %}
    {#- Whether a table of the plan is there; false while dbt parses. -#}
    {{ return(execute and run_query("select count(*) from glob('" ~ plan_path(name) ~ "')").rows[0][0] > 0) }}
{% endmacro %}
