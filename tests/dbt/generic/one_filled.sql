{% test one_filled(model, columns) %}
    {#- Fails on rows that fill none or several of the columns. -#}
    select * from {{ model }}
    where {% for column in columns %}{{ ' + ' if not loop.first }}cast({{ column }} is not null as integer){% endfor %} <> 1
{% endtest %}
