{% macro count_text(value) %}
    {#- A number as people read it: whole ones with commas between thousands, others with their decimals. -#}
    case
        when {{ value }} = round({{ value }}) then format('{:,}', cast({{ value }} as bigint))
        else cast(cast({{ value }} as double) as varchar)
    end
{%- endmacro %}
