{% macro generate_schema_name(custom_schema_name, node) %}
    {#- Schemas carry the plain layer name (marts, staging, ...): readers write marts.mart_adoption. -#}
    {{ return(custom_schema_name or target.schema) }}
{% endmacro %}
