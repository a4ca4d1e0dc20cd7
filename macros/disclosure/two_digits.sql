{% macro two_digits(value, digits=2) %}
    {#- The number (0 or more) to two significant digits, or as many as said: what is released of design effects, effective sizes and p values. -#}
    case when {{ value }} > 0 then round({{ value }}, {{ digits - 1 }} - cast(floor(log10({{ value }})) as integer)) else {{ value }} end
{%- endmacro %}
