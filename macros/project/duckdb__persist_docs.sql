{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {#- Write the descriptions of a table and its columns into the database, in one statement. dbt-duckdb takes two and asks twice
        which columns there are, which the contract has just said: 60 ms of processor time a table. -#}
    {%- if for_relation and config.persist_relation_docs() and model.description or for_columns and config.persist_column_docs() -%}
        {%- call statement('persist_docs') -%}
            {%- if for_relation and config.persist_relation_docs() and model.description %}
            {{ alter_relation_comment(relation, model.description) }}
            {%- endif %}
            {%- if for_columns and config.persist_column_docs() %}
            {%- for name, column in model.columns.items() %}
            comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column.description) }};
            {%- endfor %}
            {%- endif %}
        {%- endcall -%}
    {%- endif -%}
{% endmacro %}
