{% macro reproducible_sum(expression, largest) %}
    {#-
    Sum of a group that is the same to the last bit for any order of addition: each term is rounded to a whole multiple of a power of two
    (61 bits, relative to `largest`, a bound of the terms' sizes that is constant in the group) and whole numbers are added. For groups
    that are too large to sort (ordered_sum).
    Source: Demmel and Nguyen (2013), Fast reproducible floating-point summation, 21st IEEE Symposium on Computer Arithmetic (pre-rounding).
    -#}
    {%- set scale = "power(cast(2 as double), 60 - case when " ~ largest ~ " > 0 then ceil(log2(" ~ largest ~ ")) else 0 end)" -%}
    cast(sum(cast(round(({{ expression }}) * {{ scale }}) as bigint)) as double) / any_value({{ scale }})
{%- endmacro %}
