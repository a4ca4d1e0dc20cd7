{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {#- In place of dbt-duckdb's own, see built_in_place. -#}
    {{ return(built_in_place('table')) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {#- In place of dbt-duckdb's own, see built_in_place. -#}
    {{ return(built_in_place('view')) }}
{% endmaterialization %}


{% macro built_in_place(type) %}
    {#-
    Build the model in place, in one transaction: the table or view that was there is back if the new one cannot be made. dbt-duckdb
    builds beside it, renames both and drops the old one, so that others can read meanwhile; nobody reads the build file, and the
    renames cost a quarter of the processor time of the estimation models. Grants and indexes, which the project does not use, are left out.
    -#}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none -%}
        {%- call statement('drop') -%}drop {{ existing.type }} if exists {{ existing }}{%- endcall -%}
    {%- endif -%}
    {%- call statement('main', language=model['language']) -%}
        {%- if type == 'table' -%}
            {{- create_table_as(False, target, compiled_code, model['language']) }}
        {%- else -%}
            {{- get_create_view_as_sql(target, sql) }}
        {%- endif -%}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do persist_docs(target, model) -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmacro %}
