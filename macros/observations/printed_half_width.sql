{% macro printed_half_width(value, unit, form, qualifier, decimals) %}
    {#-
    How far from the printed value the figure behind it may lie, in the unit of the value.
    A count printed in digits is exact. A decimal figure is rounded to half its last digit. A fraction in words is
    taken to within 5 points. "About" widens to a tenth of the value. A documented reading rule, not an estimate.
    -#}
    greatest(
        case
            when {{ form }} = 'word_fraction' then 5.0
            when {{ unit }} in ('firms', 'interviews', 'countries') then 0.0
            else 0.5 * power(10, -{{ decimals }})
        end,
        case when {{ qualifier }} = '~' then 0.1 * abs({{ value }}) else 0.0 end
    )
{% endmacro %}
