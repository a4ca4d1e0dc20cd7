{% macro duckdb__load_csv_rows(model, agate_table) %}
    {#- Load a seed as dbt-duckdb does, but from any folder: it puts the path between quotes as it stands, and a folder
        may have an apostrophe. -#}
    {% set sql -%}
        copy {{ this.render() }} from {{ sql_text(adapter.get_seed_file_path(model)) }}
        (format csv, header true, delimiter ',')
    {%- endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
