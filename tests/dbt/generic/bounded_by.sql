{% test bounded_by(model, column, to, key, minimum, maximum) %}
    {#- Fails on values outside the bounds that the row with the same key in another table gives (a column name or a number). -#}
    {%- set lower = minimum if minimum is number else 'limits.' ~ minimum -%}
    {%- set upper = maximum if maximum is number else 'limits.' ~ maximum -%}
    select checked.{{ key }}, checked.{{ column }}
    from {{ model }} as checked
    inner join {{ to }} as limits on checked.{{ key }} = limits.{{ key }}
    where checked.{{ column }} < {{ lower }} or checked.{{ column }} > {{ upper }}
{% endtest %}
