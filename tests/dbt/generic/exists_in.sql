{% test exists_in(model, columns, to) %}
    {#- Fails on combinations of the columns that another table does not have: a foreign key of several columns. -#}
    select distinct {{ columns | join(', ') }} from {{ model }}
    except
    select {{ columns | join(', ') }} from {{ to }}
{% endtest %}
