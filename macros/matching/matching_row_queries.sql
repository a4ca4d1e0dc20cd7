{% macro matching_row_queries() %}
    {#- The queries of the plan that read the firms of the studies, by number; none while dbt parses. -#}
    {%- set queries = {} -%}
    {%- if plan_is_written('row_queries') -%}
        {%- set plan = plan_table('row_queries', {'query_number': 'integer', 'row_query': 'varchar'}) -%}
        {%- for row in run_query('select * from ' ~ plan ~ ' order by query_number') -%}
            {%- do queries.update({row[0] | int: row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(queries) }}
{% endmacro %}
