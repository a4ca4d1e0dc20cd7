{% test rising(model, columns) %}
    {#- Fails on rows where a column is lower than one before it; empty cells are passed over. -#}
    select * from {{ model }}
    where false
    {%- for lower in columns -%}
        {%- for upper in columns[loop.index:] %} or {{ upper }} < {{ lower }}{% endfor -%}
    {%- endfor %}
{% endtest %}
