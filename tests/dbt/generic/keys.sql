{% test keys(model, primary, alternate=[], foreign={}) %}
    {#-
    Fails on primary keys that are empty in part or that several rows have, on alternate keys (lists of columns) that several rows have, and
    on foreign keys (column: {to, field}) whose row is not there. One test a table, not one a column: every test costs dbt reading and starting.
    -#}
    select 'primary' as key_kind, concat_ws(', ', {{ primary | join(', ') }}) as key_value
    from {{ model }}
    group by {{ primary | join(', ') }}
    having count(*) > 1 or {% for column in primary %}{{ ' or ' if not loop.first }}{{ column }} is null{% endfor %}
    {%- for columns in alternate %}
    union all
    select 'alternate', concat_ws(', ', {{ columns | join(', ') }})
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
    {%- endfor %}
    {%- for column, target in foreign.items() %}
    union all
    select distinct 'foreign', {{ column }}::varchar
    from {{ model }}
    where {{ column }} not in (select {{ target['field'] }} from {{ target['to'] }} where {{ target['field'] }} is not null)
    {%- endfor %}
{% endtest %}
