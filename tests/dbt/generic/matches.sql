{% test matches(model, column_name, pattern, example) %}
    {#- Fails on texts that have not the form of the pattern; the example is for messages. -#}
    select {{ column_name }}
    from {{ model }}
    where not regexp_full_match({{ column_name }}, '{{ pattern }}')
{% endtest %}
