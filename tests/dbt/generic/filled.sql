{% test filled(model, columns) %}
    {#- Fails on rows that leave one of the columns empty: one test a seed, as every test costs dbt reading and starting. -#}
    select * from {{ model }}
    where {% for column in columns %}{{ ' or ' if not loop.first }}{{ column }} is null{% endfor %}
{% endtest %}
