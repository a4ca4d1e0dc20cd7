{% macro plan_rows(name, columns) %}
    {#-
    Rows of a table of the matching plan, JSON lines that `smv_ai.matching` writes, each column with its type; no rows where no plan is
    written.
    -#}
    {%- set path = var('matching_path', 'target/matching') ~ '/' ~ name ~ '.jsonl' %}
select
    {%- if execute and run_query("select count(*) from glob('" ~ path ~ "')").rows[0][0] > 0 %}
    *,
from read_json('{{ path }}', format = 'newline_delimited', maximum_object_size = 67108864, columns = {
    {%- for column, type in columns.items() %}'{{ column }}': '{{ type }}'{{ ', ' if not loop.last }}{% endfor -%}
})
    {%- else %}
    {%- for column, type in columns.items() %}
    cast(null as {{ type }}) as {{ column }},
    {%- endfor %}
where false
    {%- endif %}
{% endmacro %}
