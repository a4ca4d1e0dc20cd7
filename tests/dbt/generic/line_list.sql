{% test line_list(model, column, to, key, maximum) %}
    {#- Fails on comma-separated line numbers that are not lines of the text that the row with the same key describes, or of no text. -#}
    select listed.{{ key }}, listed.line
    from (select {{ key }}, unnest(string_split({{ column }}, ',')) as line from {{ model }}) as listed
    left join {{ to }} as texts on listed.{{ key }} = texts.{{ key }}
    where listed.line is not null and coalesce(try_cast(listed.line as integer) not between 1 and texts.{{ maximum }}, true)
{% endtest %}
