{% test refers_to(model, column_name, any_of, separator=none) %}
    {#-
    Fails on names (or items of a list with a separator) that none of the targets has: each a dictionary (to, field, within: columns
    that both rows share, where: cells of the other row, if: cells of the own row for which the target counts, split: separator of a list).
    -#}
    with listed as (
        select *, {{ "unnest(string_split(" ~ column_name ~ ", '" ~ separator ~ "'))" if separator else column_name }} as named
        from {{ model }}
    )

    select *
    from listed as checked
    where named is not null
        and (
            {%- for target in any_of %}
            {% if not loop.first %}or {% endif %}{{ own_cells(target) }}
            {%- endfor %}
        )
        {%- for target in any_of %}
        {%- set held = "other." ~ target['field'] %}
        and not ({{ own_cells(target) }} and exists (
            select 1
            from {{ target['to'] }} as other
            where {% if target.get('split') %}list_contains(string_split({{ held }}, '{{ target['split'] }}'), checked.named)
            {%- else %}{{ held }} = checked.named{% endif %}
            {%- for column in target.get('within', []) %} and other.{{ column }} is not distinct from checked.{{ column }}{% endfor %}
            {%- for column, value in target.get('where', {}).items() %} and other.{{ column }} = '{{ value }}'{% endfor %}
        ))
        {%- endfor %}
{% endtest %}
