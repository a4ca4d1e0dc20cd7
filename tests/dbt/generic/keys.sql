{% test keys(model, primary=[], alternate=[], foreign={}) %}
    {#-
    Fails on primary keys that are empty in part or that several rows have, on alternate keys (lists of columns, which may be empty) that
    several rows have, and on foreign keys (column: {to, field}) whose row is not there. One test a table, not one a column: every test
    costs dbt reading and starting.
    -#}
    {%- for columns in ([primary] if primary else []) + alternate %}
    {{- ' union all ' if not loop.first }}
    select '{{ "primary" if columns == primary else "alternate" }}' as key_kind, concat_ws(', ', {{ columns | join(', ') }}) as key_value
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1{% if columns == primary %}{% for column in columns %} or {{ column }} is null{% endfor %}{% endif %}
    {%- endfor %}
    {%- for column, target in foreign.items() %}
    {{- ' union all ' if primary or alternate or not loop.first }}
    select distinct 'foreign', {{ column }}::varchar
    from {{ model }}
    where {{ column }} not in (select {{ target['field'] }} from {{ target['to'] }} where {{ target['field'] }} is not null)
    {%- endfor %}
{% endtest %}
