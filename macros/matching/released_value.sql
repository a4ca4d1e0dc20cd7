{% macro released_value(kind, value) %}
    {#-
    A figure as it is released: percentages and logarithms (a hundredth of a per cent) with two decimals of a per cent, other outcomes with
    three significant digits. More would tell of single firms more than of the comparison.
    -#}
    case {{ kind }}
        when 'percent_growth' then round({{ value }}, 2)
        when 'log_growth' then round({{ value }}, 4)
        else round({{ value }}, 2 - cast(floor(log10(greatest(abs({{ value }}), 1e-12))) as integer))
    end
{%- endmacro %}
