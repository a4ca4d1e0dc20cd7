{% macro own_cells(target) %}
    {#- The condition on a row under which a target of refers_to counts for it. -#}
    {%- set conditions = ['true'] -%}
    {%- for column, value in target.get('if', {}).items() -%}{%- do conditions.append('checked.' ~ column ~ " = '" ~ value ~ "'") -%}{%- endfor -%}
    {{ return('(' ~ conditions | join(' and ') ~ ')') }}
{% endmacro %}
