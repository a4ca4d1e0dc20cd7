{% macro kish_effective_n(sum_weights, sum_squared_weights) %}
    {#-
    Effective sample size of unequal weights, (sum w)² / sum w².
    Source: Kish (1965), Survey Sampling, 11.7.
    -#}
    power({{ sum_weights }}, 2) / nullif({{ sum_squared_weights }}, 0)
{%- endmacro %}
