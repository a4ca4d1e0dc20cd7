{% macro matching_row_queries() %}
    {#- The queries that read the firms of the studies, by number; none while dbt parses. -#}
    {%- set queries = {} -%}
    {%- if execute -%}
        {%- for row in run_query('select query_number, row_query from ' ~ ref('stg_matching__row_queries') ~ ' order by query_number') -%}
            {%- do queries.update({row[0] | int: row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(queries) }}
{% endmacro %}
