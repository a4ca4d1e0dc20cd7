{#-
Models are built in place, in one transaction: the table or view that was there is back if the new one cannot be made. dbt-duckdb builds
beside it, renames both and drops the old one, so that others can read meanwhile; nobody reads the build file, and the renames cost a
quarter of the processor time of the estimation models. Grants and indexes, which the project does not use, are left out. A model in Python
gives a relation of its session: a table of Arrow would be written on another connection, whose transaction meets the drop of this one.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {#- In place of dbt-duckdb's own; dbt runs Python only where the statement stands in the materialization itself. -#}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {{ drop_in_place() }}
    {%- call statement('main', language=model['language']) -%}
        {{- create_table_as(False, target, compiled_code, model['language']) }}
    {%- endcall -%}
    {{ finish_in_place(target) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {#- In place of dbt-duckdb's own. -#}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {{ drop_in_place() }}
    {%- call statement('main') -%}
        {{- get_create_view_as_sql(target, sql) }}
    {%- endcall -%}
    {{ finish_in_place(target) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% macro drop_in_place() %}
    {#- Drop the table or view that is there, within the transaction that makes the new one. -#}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none -%}
        {%- call statement('drop') -%}drop {{ existing.type }} if exists {{ existing }}{%- endcall -%}
    {%- endif -%}
{% endmacro %}


{% macro finish_in_place(target) %}
    {#- Hooks, descriptions, the end of the transaction. -#}
    {{ run_hooks(post_hooks) }}
    {%- do persist_docs(target, model) -%}
    {%- do adapter.commit() -%}
{% endmacro %}
