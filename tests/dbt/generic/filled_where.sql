{% test filled_where(model, columns, given=none, values=none, at_least_one=false) %}
    {#- Fails on rows that leave a column (at_least_one: all of them) empty where another column is filled, or has one of the values. -#}
    select * from {{ model }}
    where ({% for column in columns %}{{ (' and ' if at_least_one else ' or ') if not loop.first }}{{ column }} is null{% endfor %})
        {% if given %}and {{ given }} {{ "in ('" ~ values | join("', '") ~ "')" if values else 'is not null' }}{% endif %}
{% endtest %}
