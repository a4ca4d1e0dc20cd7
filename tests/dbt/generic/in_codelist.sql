{% test in_codelist(model, column_name, codelist) %}
    {#- Fails on values that are not a code of the short code list in the seed codes. -#}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} is not null
        and {{ column_name }} not in (
            select code_id
            from {{ ref('codes') }}
            where codelist_id = '{{ codelist }}'
        )
{% endtest %}
