{% test unique_key(model, columns) %}
    {#- Fails on each combination of the columns that occurs more than once. -#}
    select {{ columns | join(', ') }}, count(*) as occurrences
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
