{% test response_value(model, column_name, of=none, of_design=none, through=none, separator=none) %}
    {#-
    Fails on values (or items of a list) that no wave's item, derived column or dimension of that name has; columns of which the catalogue
    lists no values are passed over, as are margins within a column (of_design), which the rules of responses compare with respondents.
    -#}
    {%- if of_design %}
    select 1
    where false
    {%- else %}
    with listed as (
        select {{ "unnest(string_split(" ~ of ~ ", '" ~ (separator or ';') ~ "'))" }} as column_name, {{ column_name }} as given
        from {{ model }}
    ),

    asked as (
        select distinct column_name, {{ "unnest(string_split(given, '" ~ separator ~ "'))" if separator else 'given' }} as named
        from listed
        where given is not null
    )

    select asked.*
    from asked
    where exists (select 1 from ({{ catalogued_values() }}) as known where known.column_name = asked.column_name)
        and not exists (
            select 1 from ({{ catalogued_values() }}) as known
            where known.column_name = asked.column_name and known.named = asked.named
        )
    {%- endif %}
{% endtest %}
