{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {#- In place of dbt-duckdb's own, see replaced_relation. -#}
    {{ return(replaced_relation('table')) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {#- In place of dbt-duckdb's own, see replaced_relation. -#}
    {{ return(replaced_relation('view')) }}
{% endmaterialization %}


{% macro replaced_relation(type) %}
    {#-
    Build the model in place, in one transaction: the table or view that was there is back if the new one cannot be made. dbt-duckdb
    builds beside it, renames both and drops the old one, so that others can read meanwhile; nobody reads the build file, and the
    renames cost a tenth of a build. Grants and indexes, which the project does not use, are left out.
    -#}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {%- if existing is not none %}
        drop {{ existing.type }} if exists {{ existing }};
        {%- endif %}
        {{ get_create_table_as_sql(False, target, sql) if type == 'table' else get_create_view_as_sql(target, sql) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do persist_docs(target, model) -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmacro %}
