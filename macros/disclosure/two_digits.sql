{% macro two_digits(value) %}
    {#- The number (0 or more) to two significant digits: what is released of design effects, effective sizes and p values. -#}
    case when {{ value }} > 0 then round({{ value }}, 1 - cast(floor(log10({{ value }})) as integer)) else {{ value }} end
{%- endmacro %}
