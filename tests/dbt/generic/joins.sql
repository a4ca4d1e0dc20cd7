{% test joins(model, column_name, columns, by) %}
    {#- Fails on names that are not the columns of any row, joined. -#}
    select {{ column_name }} from {{ model }}
    except
    select {{ columns | join(" || '" ~ by ~ "' || ") }} from {{ model }}
{% endtest %}
