{% macro ordered_sum(expression) %}
    {#-
    Compensated sum in the order of the values, so that it is the same to the last bit for any number of threads.
    Source: Kahan (1965), Further remarks on reducing truncation errors, Communications of the ACM 8, 40.
    -#}
    fsum({{ expression }} order by {{ expression }})
{%- endmacro %}
