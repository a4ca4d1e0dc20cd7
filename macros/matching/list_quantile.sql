{% macro list_quantile(sorted_values, share) %}
    {#-
    Quantile of a sorted list, null where the share is null: h = (n - 1) p, linear between x_(floor h + 1) and the next. An h that is a
    whole number but for rounding is that number, so that the limit is a value of the list.
    Source: Hyndman and Fan (1996), The American Statistician 50, 361-365, type 7.
    -#}
    {%- set exact = '((len(' ~ sorted_values ~ ') - 1) * ' ~ share ~ ')' -%}
    {%- set position = 'case when abs(' ~ exact ~ ' - round(' ~ exact ~ ')) < 1e-9 then round(' ~ exact ~ ') else ' ~ exact ~ ' end' -%}
    {%- set whole = 'cast(floor(' ~ position ~ ') as bigint)' -%}
    {{ sorted_values }}[{{ whole }} + 1]
        + ({{ position }} - {{ whole }}) * coalesce({{ sorted_values }}[{{ whole }} + 2] - {{ sorted_values }}[{{ whole }} + 1], 0)
{%- endmacro %}
