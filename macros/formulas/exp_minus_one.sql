{% macro exp_minus_one(y) %}
    {#-
    exp(y) - 1 without loss of digits for small y: (u - 1) y / ln u with u = exp(y).
    Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, 1.14.1.
    -#}
    case
        when exp({{ y }}) = 1.0 then {{ y }}
        when exp({{ y }}) - 1.0 = -1.0 then -1.0
        else (exp({{ y }}) - 1.0) * {{ y }} / ln(exp({{ y }}))
    end
{%- endmacro %}
