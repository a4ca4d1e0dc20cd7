{% macro log_one_plus(y) %}
    {#-
    ln(1 + y) without loss of digits for small y.
    Source: Goldberg (1991), What every computer scientist should know about floating-point arithmetic, theorem 4.
    -#}
    case when 1.0 + {{ y }} = 1.0 then {{ y }} else ln(1.0 + {{ y }}) * {{ y }} / ((1.0 + {{ y }}) - 1.0) end
{%- endmacro %}
