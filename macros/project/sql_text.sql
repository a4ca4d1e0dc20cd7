{% macro sql_text(text) %}
    {#- A text as an SQL literal, whatever it holds. -#}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
